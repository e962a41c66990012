import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {MigrError} from '../../../../../source/core/errors.ts';
import {readPythonMigration} from '../../../../../source/core/migrations/files/python/read.ts';

const path = 'migrations/20260101_000000_x.py';

function refusal(text: string): MigrError {
	try {
		readPythonMigration(path, text);
	} catch (error) {
		if (error instanceof MigrError) return error;
		throw error;
	}
	throw new Error('no error was thrown');
}

/** A migration whose first statement is on line 4. */
const upgrade = (...lines: string[]) =>
	`from pylite_orm.migr.operations import Op\n\ndef upgrade(op: Op):\n${lines.map((line) => `    ${line}\n`).join('')}`;

test('each operation has its line in the file', () => {
	const {upgrade: operations} = readPythonMigration(path, upgrade("op.drop_index('a')", '', 'op.drop_table(', "    'b',", ')'));
	expect(operations).toEqual([
		{kind: 'dropIndex', index: 'a', ifExists: true, origin: {file: path, line: 4}},
		{kind: 'dropTable', table: 'b', ifExists: true, origin: {file: path, line: 6}},
	]);
});

test('a migration has a downgrade only if its file defines one', () => {
	expect(readPythonMigration(path, upgrade('pass'))).toEqual({upgrade: []});
	expect(readPythonMigration(path, `${upgrade('...')}\ndef downgrade(op):\n    op.drop_table('a', False)\n`)).toEqual({
		upgrade: [],
		downgrade: [{kind: 'dropTable', table: 'a', origin: {file: path, line: 7}}],
	});
});

describe('anything except plain calls with literals is rejected with its line', () => {
	test.each<[name: string, text: string, message: string, hint: string | undefined, line: number]>([
		['no upgrade', 'x = 1\n', 'the migration has no function upgrade', 'def upgrade(op)', 1],
		['an empty file', '', 'the migration has no function upgrade', 'def upgrade(op)', 1],
		['an async upgrade', 'async def upgrade(op):\n    pass\n', 'upgrade is not a plain function', 'def upgrade(op)', 1],
		['a decorated upgrade', '@x\ndef upgrade(op):\n    pass\n', 'upgrade is not a plain function', 'def upgrade(op)', 2],
		['an upgrade under a condition', 'if x:\n    def upgrade(op):\n        pass\n', 'upgrade is not a plain function', 'def upgrade(op)', 2],
		['an imported upgrade', 'from x import upgrade\n', 'upgrade is not a plain function', 'def upgrade(op)', 1],
		['a wrapped upgrade', 'def upgrade(op): pass\nupgrade = wrap(upgrade)\n', 'upgrade is defined twice, first on line 1', 'keep one', 2],
		['two upgrades', 'def upgrade(op): pass\ndef upgrade(op): pass\n', 'upgrade is defined twice, first on line 1', 'keep one', 2],
		['two arguments', 'def upgrade(op, db):\n    pass\n', 'upgrade takes one argument', 'def upgrade(op)', 1],
		['no argument', 'def upgrade():\n    pass\n', 'upgrade takes one argument', 'def upgrade(op)', 1],
		['code at the top level', `print('x')\n${upgrade('pass')}`, 'this would run each time the migration is loaded', 'move it into upgrade', 1],
		['a condition', upgrade('if True:', "    op.drop_table('a')"), 'this if in a migration cannot be followed', 'one after the other', 4],
		['a loop', upgrade("for t in ['a']:", '    op.drop_table(t)'), 'this for in a migration cannot be followed', 'one after the other', 4],
		[
			'a try',
			upgrade('try:', "    op.drop_table('a')", 'finally:', '    pass'),
			'this try in a migration cannot be followed',
			'one after the other',
			4,
		],
		['an early return', upgrade('return', "op.drop_table('a')"), 'this return in a migration cannot be followed', 'one after the other', 4],
		['a raise', upgrade("raise ValueError('x')"), 'this raise in a migration cannot be followed', 'one after the other', 4],
		['a function', upgrade('def f(): pass'), 'a function in a migration cannot be followed', 'one after the other', 4],
		['another call', upgrade("print('x')"), 'code that is not a call on op in a migration cannot be followed', "op.execute('UPDATE …')", 4],
		[
			'the connection',
			upgrade("op.conn.execute('DROP TABLE a')"),
			'code that is not a call on op in a migration cannot be followed',
			"op.execute('UPDATE …')",
			4,
		],
		[
			'a result that is assigned',
			upgrade("rows = op.execute('SELECT 1')", 'op.drop_table(rows)'),
			'op.drop_table: table_name cannot be determined without running Python: it is the result of op.execute()',
			'write the name as a string',
			5,
		],
		['op under another name', upgrade('o = op', "o.drop_table('a')"), 'code that is not a call on op in a migration cannot be followed', 'op.', 5],
		['an await', upgrade("await op.drop_table('a')"), 'code that is not a call on op in a migration cannot be followed', 'op.', 4],
		['an unknown method', upgrade("op.create_tabel('a', [])"), 'pylite-orm has no op.create_tabel', 'did you mean create_table?', 4],
		['a method of lite-migr', upgrade("op.createTable('a')"), 'pylite-orm has no op.createTable', 'did you mean create_table?', 4],
		[
			'an unknown argument',
			upgrade("op.drop_table(table='a')"),
			'op.drop_table has no argument table',
			'use one of these arguments: table_name, if_exists',
			4,
		],
		[
			'a missing argument',
			upgrade("op.rename_column('a', 'b')"),
			'op.rename_column needs new_name',
			'use the parameters table_name, old_name, new_name',
			4,
		],
		['too many arguments', upgrade("op.drop_index('a', 'b')"), 'op.drop_index takes at most 1 argument', undefined, 4],
		[
			'a computed name',
			upgrade('op.drop_table(NAME)'),
			'op.drop_table: table_name cannot be determined without running Python: it is NAME, which is not defined here',
			'write the name as a string',
			4,
		],
		[
			'a name that pylite-orm rejects',
			upgrade("op.drop_table('a; DROP TABLE b')"),
			'op.drop_table: table_name is not a name that pylite-orm accepts: "a; DROP TABLE b"',
			'letters, digits and _',
			4,
		],
		[
			'an f-string',
			upgrade("op.execute(f'DELETE FROM {t}')"),
			'op.execute: sql cannot be determined without running Python: it is an f-string',
			'with ? for values',
			4,
		],
		[
			'two statements',
			upgrade("op.execute('DELETE FROM a; DELETE FROM b')"),
			'op.execute: two statements in one call',
			'use one call per statement',
			4,
		],
		['no statement', upgrade("op.execute(' -- nothing')"), 'op.execute: the statement is empty', undefined, 4],
		['a transaction', upgrade("op.execute('COMMIT')"), 'COMMIT cannot run inside a migration', 'remove the COMMIT', 4],
		['a statement with a syntax error', upgrade('op.execute("SELECT \'x")'), 'op.execute: ', undefined, 4],
		[
			'named values',
			upgrade("op.execute('DELETE FROM a WHERE b = :b', {'b': 1})"),
			'op.execute: named values are not supported',
			'use ? in the statement',
			4,
		],
		[
			'a computed value',
			upgrade("op.execute('DELETE FROM a WHERE b = ?', [now()])"),
			'op.execute: an element of params cannot be determined without running Python: it is the result of now()',
			'write a literal',
			4,
		],
		[
			'a huge number',
			upgrade("op.execute('DELETE FROM a WHERE b = ?', [9223372036854775808])"),
			"op.execute: an element of params is larger than SQLite's integers",
			undefined,
			4,
		],
		[
			'a whole float',
			upgrade("op.execute('DELETE FROM a WHERE b = ?', [5.0])"),
			'op.execute: an element of params is a whole number written as a float',
			'write it into the statement',
			4,
		],
		['columns that are not a list', upgrade("op.create_table('a', 'id')"), 'op.create_table: columns cannot be "id"', 'a list of columns', 4],
		['no columns', upgrade("op.create_table('a', [])"), 'op.create_table: a table needs at least one column', undefined, 4],
		['a column that is a string', upgrade("op.create_table('a', ['id'])"), 'op.create_table: a column cannot be "id"', "('name', 'TEXT'", 4],
		[
			'a column with too many elements',
			upgrade("op.create_table('a', [('id', 'INTEGER', {}, 1)])"),
			'op.create_table: a column cannot be a tuple',
			"('name', 'TEXT'",
			4,
		],
		[
			'an unknown option',
			upgrade("op.create_table('a', [('id', 'INTEGER', {'pk': True})])"),
			'op.create_table: id: pylite-orm has no option "pk"',
			'primary_key',
			4,
		],
		[
			'a type that is not a string',
			upgrade("op.create_table('a', [('id', int)])"),
			'op.create_table: id: its type cannot be determined without running Python: it is int',
			"('name', 'TEXT'",
			4,
		],
		[
			'a type that contains another column',
			upgrade("op.create_table('a', [('id', 'INTEGER, evil TEXT')])"),
			'op.create_table: a type or a default contains another column',
			'list each column',
			4,
		],
		['a type that ends the table', upgrade("op.create_table('a', [('id', 'INTEGER); DROP TABLE b; --')])"), 'op.create_table: ', undefined, 4],
		['a default that contains another column', upgrade("op.add_column('a', 'b', 'TEXT', default='1, c TEXT')"), 'op.add_column: ', undefined, 4],
		[
			'a default that is not valid SQL',
			upgrade("op.create_table('a', [('b', 'TEXT', {'default': \"datetime('now')\"})])"),
			'op.create_table: ',
			undefined,
			4,
		],
		['a default of None', upgrade("op.create_table('a', [('b', 'TEXT', {'default': None})])"), 'op.create_table: b: default is None', 'remove it', 4],
		['an empty default', upgrade("op.create_table('a', [('b', 'TEXT', {'default': ''})])"), 'op.create_table: b: default is empty', `write "''"`, 4],
		[
			'a computed default',
			upgrade("op.add_column('a', 'b', 'TEXT', default=now())"),
			'op.add_column: default cannot be determined without running Python',
			'SQL in quotes',
			4,
		],
		[
			'an option of add_column that pylite-orm ignores',
			upgrade("op.add_column('a', 'b', 'TEXT', unique=True)"),
			'op.add_column has no argument unique',
			undefined,
			4,
		],
		[
			'a relation with too few elements',
			upgrade("op.create_table('a', [('b',)], [('b', 'c')])"),
			'op.create_table: a relation cannot be a tuple',
			"('user_id', 'user', 'id', 'CASCADE')",
			4,
		],
		[
			'an unknown action',
			upgrade("op.create_table('a', [('b',)], [('b', 'c', 'd', 'cascade')])"),
			'op.create_table: ON DELETE cannot be "cascade"',
			'CASCADE',
			4,
		],
		[
			'SET NULL on NOT NULL',
			upgrade("op.create_table('a', [('b', 'TEXT', {'nullable': False})], [('b', 'c', 'd', 'SET NULL')])"),
			'op.create_table: b is NOT NULL',
			'nullable',
			4,
		],
		[
			'a copied column that is not in the new table',
			upgrade("op.rebuild_table('a', [('b',)], ['b', 'c'])"),
			'op.rebuild_table: copy_columns contains a column that is not in the new table',
			'list only columns of the new table: b',
			4,
		],
		['an index without columns', upgrade("op.create_index('i', 'a', [])"), 'op.create_index: columns is empty', 'name a column', 4],
		[
			'an unclosed bracket',
			upgrade("op.create_table('a', [", "op.drop_table('b')"),
			'this is not Python that lite-migr can read',
			'close this bracket',
			4,
		],
		['an extra comma', upgrade("op.drop_table('a',, True)"), 'this is not Python that lite-migr can read', undefined, 4],
		['wrong indentation', upgrade("op.drop_table('a')", "  op.drop_table('b')"), 'this is not Python that lite-migr can read', undefined, 5],
	])('%s', (_name, text, message, hint, line) => {
		const found = refusal(text);
		expect(found).toMatchObject({code: 'migration', location: {file: path, line}});
		expect(found.message).toContain(message);
		if (hint !== undefined) expect(found.hint).toContain(hint);
	});
});

const pieces = fc.constantFrom(
	...[
		'def upgrade(op):',
		'def downgrade(op: Op):',
		'\n    ',
		'\n',
		'\n        ',
		'op.',
		'create_table(',
		'drop_table(',
		'add_column(',
		'rename_column(',
		'create_index(',
		'rebuild_table(',
		'execute(',
	],
	...[
		"'user'",
		'"id"',
		'INTEGER',
		'[',
		']',
		'(',
		')',
		'{',
		'}',
		', ',
		',,',
		': ',
		"'default'",
		"'nullable'",
		'True',
		'None',
		'0',
		'1.5',
		"b'x'",
		'f"{x}"',
		"'SELECT ?'",
		"'DROP TABLE x'",
		'relation=',
		'*',
		'**',
	],
	...['pass', 'return', 'if x:', 'X = ', 'X', '# c', "'''", '\\', ';', '\u0000', 'é', '\r\n', '\t'],
);

describe('reading any text returns operations or throws an error with its location', () => {
	const property = (text: string) => {
		try {
			for (const {origin} of readPythonMigration(path, text).upgrade) expect(origin).toEqual({file: path, line: expect.any(Number)});
		} catch (error) {
			if (!(error instanceof MigrError)) throw error;
			expect(error.code).toBe('migration');
			expect(error.location).toEqual({file: path, line: expect.any(Number), column: expect.any(Number)});
		}
	};

	test('random characters', () => {
		fc.assert(fc.property(fc.string({unit: 'binary', maxLength: 200}), property), {numRuns: 500});
	});

	test('pieces of migrations in any order', () => {
		fc.assert(
			fc.property(fc.array(pieces, {maxLength: 50}), (parts) => property(`def upgrade(op):\n    ${parts.join('')}`)),
			{numRuns: 3000},
		);
	});

	test('a migration with a character removed, inserted or changed', () => {
		const text = upgrade(
			"op.create_table('user', [('id', 'INTEGER', {'primary_key': True}), ('name', 'TEXT', {'nullable': False, 'default': \"'x'\"})], relation=[('id', 'user', 'id', 'CASCADE')])",
			"op.execute('UPDATE user SET name = ?', ['a'])",
			"op.create_index('i', 'user', ['name'], unique=True)",
		);
		const place = fc.integer({min: 0, max: text.length});
		fc.assert(
			fc.property(place, fc.integer({min: 0, max: 3}), fc.oneof(pieces, fc.constant('')), (at, length, put) =>
				property(text.slice(0, at) + put + text.slice(at + length)),
			),
			{numRuns: 3000},
		);
	});
});
