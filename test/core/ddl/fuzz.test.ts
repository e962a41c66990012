import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {tokenize} from '../../../source/core/ddl/lexer.ts';
import {fixDoubleQuotedStrings, readColumn, readStatement, readTable, schemaOf} from '../../../source/core/ddl/read.ts';
import {renderTable, withName} from '../../../source/core/ddl/render.ts';
import {splitStatements} from '../../../source/core/ddl/split.ts';
import {MigrError} from '../../../source/core/errors.ts';
import {sameTable} from '../../../source/core/schema/equality.ts';
import type {SchemaObject} from '../../../source/core/schema/schema.ts';
import {base, indexes, tables, triggers, views} from './definitions.ts';
import {databaseOf, factsOfPragmas, factsOfSchema, readDatabase} from './referee.ts';

/** Returns the result of a reader, or undefined for a MigrError with a location. Any other error fails the test. */
function attempt<T>(read: () => T): T | undefined {
	try {
		return read();
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		expect(error.code).toBe('syntax');
		expect(error.location?.line).toBeGreaterThan(0);
		expect(error.location?.column).toBeGreaterThan(0);
		return undefined;
	}
}

const everything = [...tables, ...indexes, ...triggers, ...views, "CREATE VIRTUAL TABLE f USING fts5(a, b, tokenize = 'porter')"];
const words = fc.constantFrom(...new Set(everything.flatMap((sql) => tokenize(sql).map((token) => token.text))));

/** Valid statements with a few tokens removed, duplicated, swapped, changed or inserted. */
const mutated = (statements: readonly string[]): fc.Arbitrary<string> =>
	fc
		.tuple(
			fc.constantFrom(...statements),
			fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom('remove', 'repeat', 'swap', 'replace', 'insert', 'case', 'space'), words), {
				minLength: 1,
				maxLength: 4,
			}),
		)
		.map(([sql, changes]) => {
			const parts = tokenize(sql).map((token) => token.text);
			for (const [at, other, change, word] of changes) {
				const index = at % parts.length;
				const text = parts[index] ?? '';
				if (change === 'remove') parts.splice(index, 1, ' ');
				else if (change === 'repeat') parts.splice(index, 0, text, ' ');
				else if (change === 'replace') parts[index] = word;
				else if (change === 'insert') parts.splice(index, 0, ' ', word, ' ');
				else if (change === 'case') parts[index] = text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase();
				else if (change === 'space') parts.splice(index, 0, word.startsWith('-') ? ' -- x\n' : '/* x */\t');
				else {
					parts[index] = parts[other % parts.length] ?? '';
					parts[other % parts.length] = text;
				}
			}

			return parts.join('');
		});

describe('any text', () => {
	const texts = fc.oneof(
		fc.string({unit: 'binary'}),
		fc.string({unit: 'binary'}).map((text) => `CREATE TABLE t(${text}`),
		fc.array(words, {maxLength: 30}).map((parts) => parts.join(' ')),
		fc.array(words, {maxLength: 20}).map((parts) => `CREATE TABLE t(a ${parts.join(' ')}`),
		mutated(everything),
	);

	test('is read, is ignored, or is an error with its location', () => {
		fc.assert(
			fc.property(texts, (sql) => {
				const object: SchemaObject | undefined = attempt(() => readStatement(sql, {file: 'm.sql', line: 1}));
				attempt(() => readColumn(sql));
				attempt(() => withName(sql, 'x'));
				attempt(() => fixDoubleQuotedStrings(sql, []));
				if (object?.kind === 'table') expect(sameTable(readTable(renderTable(object)), object)).toBe(true);
				else if (object !== undefined) expect(readStatement(withName(object.sql, 'x y'))?.name).toBe('x y');
			}),
			{numRuns: 1500, examples: [['CREATE TABLE t(b DEFAULT (( )))'], ['CREATE TABLE t(b int \ufeff generated always)']]},
		);
	});
});

describe('mutated statements that SQLite accepts are read as its pragmas report them', () => {
	/** The differences that the comparison ignores, each because of a harmless quirk of SQLite. */
	function isBeyondPragmas(sql: string): boolean {
		const table = attempt(() => readTable(sql));
		const keys = table === undefined ? [] : [...table.uniques, ...(table.primaryKey === undefined ? [] : [table.primaryKey])];
		return (
			// A COLLATE after ISNULL stays in the expression.
			/null\W+collate/i.test(sql) ||
			// SQLite is inconsistent about a type that is only partly quoted, and counts the bytes of a type that ends with ALWAYS.
			table?.columns.some((column) => /^["'`[]|[^\0-\x7f]/.test(column.type)) === true ||
			// A type keeps a byte order mark between its words, which is read as the whitespace that it is.
			sql.includes('\ufeff') ||
			// If two keys have the same columns, the first one determines the direction of their index.
			(keys.length > 1 && keys.some((key) => key.columns.some((column) => column.descending)))
		);
	}

	function readAsSqliteSees(statements: readonly string[], before: readonly string[], numRuns: number): void {
		let accepted = 0;
		fc.assert(
			fc.property(mutated(statements), (sql) => {
				let db: ReturnType<typeof databaseOf>;
				try {
					db = databaseOf(...before, sql);
				} catch {
					return;
				}

				try {
					const count = db.prepare("SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'").pluck().get() as number;
					if (count === before.length || / as\s+(?:select|with|values)/i.test(sql) || splitStatements(sql).length > 1) return;
					if (isBeyondPragmas(sql)) return;
					accepted += 1;
					const facts = factsOfPragmas(db);
					const read = readDatabase(db);
					expect(factsOfSchema(read)).toEqual(facts);
					const written = readStatement(sql);
					if (written?.kind === 'table' && before.length === 0) {
						expect(factsOfSchema(schemaOf([written]))).toEqual(facts);
						const rendered = databaseOf(renderTable(written));
						expect(factsOfPragmas(rendered)).toEqual(facts);
						rendered.close();
					}
				} finally {
					db.close();
				}
			}),
			{numRuns},
		);
		expect(accepted).toBeGreaterThan(numRuns / 20);
	}

	test('tables', () => {
		readAsSqliteSees(tables, [], 1000);
	});

	test('indexes, triggers and views', () => {
		readAsSqliteSees([...indexes, ...triggers, ...views], base, 500);
	});
});

describe('very long statements', () => {
	const deep = 100_000;

	test.each<[string, string]>([
		['parentheses in a check', `CREATE TABLE t(a CHECK (${'('.repeat(deep)}a${')'.repeat(deep)}))`],
		['parentheses that are never closed', `CREATE TABLE t(a CHECK (${'('.repeat(deep)}`],
		['parentheses in a default', `CREATE TABLE t(a DEFAULT ${'('.repeat(deep)}1${')'.repeat(deep)})`],
		['parentheses in a key', `CREATE TABLE t(a, UNIQUE (${'('.repeat(deep)}a${')'.repeat(deep)}))`],
		['parentheses in a type', `CREATE TABLE t(a int${'('.repeat(deep)}1${')'.repeat(deep)})`],
		['collations in an index', `CREATE INDEX i ON t(${'('.repeat(deep)}a${' COLLATE x)'.repeat(deep)})`],
		['signs in an index', `CREATE INDEX i ON t(${'-'.repeat(deep).split('').join(' ')}a COLLATE x)`],
		['CASE in an index', `CREATE INDEX i ON t(${'CASE '.repeat(deep)}a${' END'.repeat(deep)} COLLATE x)`],
		['arguments of a module', `CREATE VIRTUAL TABLE f USING m(${'('.repeat(deep)}${')'.repeat(deep)}, ${'a,'.repeat(deep)})`],
		['statements in a trigger', `CREATE TRIGGER g INSERT ON t BEGIN ${'SELECT 1; '.repeat(deep)}END`],
		['words', `CREATE TABLE t(${'a '.repeat(deep)})`],
		[
			'a word',
			`CREATE TABLE ${'a'.repeat(3_000_000)}(${'"b'.padEnd(3_000_000, 'b')}" int DEFAULT '${"''".repeat(1_000_000)}' CHECK ("${'""'.repeat(1_000_000)}" > 1.${'5'.repeat(1_000_000)}))`,
		],
		['comments', `CREATE TABLE t(a ${'/* @renamed from="*/ '.repeat(20_000)})`],
		['a comment', `CREATE TABLE t(a /* ${'@renamed from="'.repeat(20_000)} */)`],
	])('do not overflow the stack: %s', (_what, sql) => {
		const object = attempt(() => readStatement(sql));
		if (object?.kind === 'table') attempt(() => readTable(renderTable(object)));
		attempt(() => fixDoubleQuotedStrings(sql, ['a']));
	});
});
