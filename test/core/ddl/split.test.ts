import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {isInsignificant, type Token, tokenize} from '../../../source/core/ddl/lexer.ts';
import {splitStatements} from '../../../source/core/ddl/split.ts';
import {MigrError} from '../../../source/core/errors.ts';
import {databaseOf} from './referee.ts';

function texts(sql: string): string[] {
	return splitStatements(sql).map((statement) => statement.text);
}

describe('statements', () => {
	test.each<[string, string, string[]]>([
		['nothing', '', []],
		['only comments', '-- a\n/* b */', []],
		['empty statements', ';; ;\n', []],
		['a last statement without its semicolon', 'select 1; select 2', ['select 1', 'select 2']],
		['a semicolon in a string', "select ';' ; select 2", ["select ';'", 'select 2']],
		['semicolons in quoted names', 'select ";" , `;`, [;]; select 2', ['select ";" , `;`, [;]', 'select 2']],
		['semicolons in comments', 'select 1 -- ; \n+ 2 /* ; */; select 2', ['select 1 -- ; \n+ 2', 'select 2']],
		['CRLF', 'select 1;\r\nselect\r\n2;\r\n', ['select 1', 'select\r\n2']],
		['a byte order mark', '\uFEFFselect 1;', ['select 1']],
		['a comment that is never closed', 'select 1; /* select 2;', ['select 1']],
		[
			'a trigger with several statements',
			'create trigger g after insert on t begin select 1; select 2; end; select 3',
			['create trigger g after insert on t begin select 1; select 2; end', 'select 3'],
		],
		[
			'a trigger with CASE … END',
			'CREATE TEMP TRIGGER g AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN 2 END; UPDATE t SET a = CASE a WHEN 1 THEN 2 END; END; SELECT 3;',
			['CREATE TEMP TRIGGER g AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN 2 END; UPDATE t SET a = CASE a WHEN 1 THEN 2 END; END', 'SELECT 3'],
		],
		[
			'a trigger with comments and CRLF around its END',
			'create trigger g insert on t\r\nbegin\r\n\tselect 1; -- end;\r\n\t/* end; */ end -- it is over\r\n; select 2',
			['create trigger g insert on t\r\nbegin\r\n\tselect 1; -- end;\r\n\t/* end; */ end', 'select 2'],
		],
		[
			'a trigger named begin',
			'create trigger begin insert on t begin select 1; end; select 2',
			['create trigger begin insert on t begin select 1; end', 'select 2'],
		],
		[
			'a trigger that is not finished',
			'create trigger g insert on t begin select 1; select 2;',
			['create trigger g insert on t begin select 1; select 2;'],
		],
		['a trigger without a body', 'create trigger g; select 1', ['create trigger g', 'select 1']],
		[
			'an explained trigger',
			'explain query plan create trigger g insert on t begin select 1; end; select 2',
			['explain query plan create trigger g insert on t begin select 1; end', 'select 2'],
		],
		['BEGIN and END of a transaction', 'begin; select 1; end; select 2', ['begin', 'select 1', 'end', 'select 2']],
		['a table named trigger', 'create table trigger(a); select 1', ['create table trigger(a)', 'select 1']],
	])('are split with %s', (_what, sql, expected) => {
		expect(texts(sql)).toEqual(expected);
	});

	test('have their location', () => {
		const sql = '-- head\r\n\r\nselect 1;\n  select\n2 ;select 3';
		const statements = splitStatements(sql);
		expect(statements.map(({line}) => line)).toEqual([3, 4, 5]);
		for (const statement of statements) expect(sql.slice(statement.start, statement.end)).toBe(statement.text);
	});

	test('include the comments before them, but not comments on the line of the previous statement', () => {
		const statements = splitStatements('-- a\n/* b */ select 1; -- of the first\n-- c\nselect /* inside */ 2; /* of the second */ -- too\nselect 3');
		expect(statements.map(({comments}) => comments)).toEqual([['-- a', '/* b */'], ['-- c'], []]);
	});

	test('an unclosed quote is an error with file, line and column', () => {
		expect(() => splitStatements("select 1;\nselect 'x", {file: 'm.sql', line: 1})).toThrow(
			expect.objectContaining({code: 'syntax', location: {file: 'm.sql', line: 2, column: 8}}),
		);
	});
});

const statement = fc.constantFrom(
	"INSERT INTO t(a) VALUES ('x;y')",
	"UPDATE t SET a = CASE WHEN a = 'END;' THEN 1 ELSE 2 END",
	'CREATE TABLE IF NOT EXISTS "a;b" (c /* ; */ TEXT DEFAULT \';\')',
	'CREATE TRIGGER IF NOT EXISTS g AFTER INSERT ON t BEGIN UPDATE t SET a = CASE a WHEN 1 THEN 2 END; SELECT 1; END',
	'create temp trigger if not exists h insert on t when new.a in (1, 2) begin select case when 1 then case 2 when 2 then 3 end end; end',
	'SELECT 1 -- ;\n + 1',
	'DROP TABLE IF EXISTS [x;y]',
);
const gap = fc.constantFrom(';', ' ;\n', ';\r\n', '; -- c;\n', '/* ; */;', ';;', ';\n\n/* end; */');

test('running the split statements has the same effect as running the whole text', () => {
	fc.assert(
		fc.property(fc.array(fc.tuple(statement, gap), {maxLength: 6}), (parts) => {
			const sql = parts.flat().join('');
			const pieces = splitStatements(sql);
			expect(pieces.map((piece) => piece.text)).toEqual(parts.map(([text]) => text));
			const whole = databaseOf('CREATE TABLE t(a)', sql);
			const split = databaseOf('CREATE TABLE t(a)', ...pieces.map((piece) => piece.text));
			const state = (db: typeof whole): unknown => [db.prepare('SELECT * FROM t').all(), db.prepare('SELECT name, sql FROM sqlite_schema').all()];
			expect(state(split)).toEqual(state(whole));
			whole.close();
			split.close();
		}),
	);
});

test('any text splits into parts of itself, or is an error with a location', () => {
	const word = fc.constantFrom('create', 'trigger', 'temp', 'begin', 'end', 'case', ';', ' ', '\n', "'", '"', '/*', '*/', '--', 'x', '(', ')');
	fc.assert(
		fc.property(
			fc.oneof(
				fc.string({unit: 'binary'}),
				fc.array(word, {maxLength: 40}).map((words) => words.join(' ')),
			),
			(sql) => {
				try {
					let at = 0;
					for (const piece of splitStatements(sql)) {
						expect(piece.start).toBeGreaterThanOrEqual(at);
						expect(sql.slice(piece.start, piece.end)).toBe(piece.text);
						expect(piece.text).toMatch(/^[^\t-\r ](?:.*[^\t-\r ])?$/s);
						at = piece.end;
					}
				} catch (error) {
					if (!(error instanceof MigrError)) throw error;
					expect(error.location?.line).toBeGreaterThan(0);
				}
			},
		),
		{numRuns: 1000},
	);
});

test('a text without triggers splits at its semicolons, and has the errors of its tokens', () => {
	const piece = fc.constantFrom(
		...[
			'create',
			'table',
			't',
			'x',
			'é',
			'(',
			')',
			',',
			'*',
			'%',
			'&',
			'~',
			'+',
			';',
			' ',
			'\n',
			"'",
			'"a;b"',
			"x'00'",
			"x'",
			'1e5',
			'1_',
			'.',
			'$a',
			':b',
		],
		...['--', '/*', '*/', '<>', '!', '\ufeff', '🙂', '#'],
	);
	const outcome = (read: () => unknown): unknown => {
		try {
			return read();
		} catch (error) {
			if (!(error instanceof MigrError)) throw error;
			return [error.message, error.location];
		}
	};
	const atSemicolons = (sql: string): readonly string[] => {
		const statements: Token[][] = [[]];
		for (const token of tokenize(sql)) {
			if (token.text === ';') statements.push([]);
			else if (!isInsignificant(token)) statements.at(-1)?.push(token);
		}
		return statements.filter(({length}) => length > 0).map((tokens) => sql.slice(tokens[0]?.start, tokens.at(-1)?.end));
	};
	fc.assert(
		fc.property(
			fc.array(piece, {maxLength: 30}).map((pieces) => pieces.join('')),
			(sql) => {
				expect(outcome(() => texts(sql))).toEqual(outcome(() => atSemicolons(sql)));
			},
		),
		{numRuns: 2000},
	);
});
