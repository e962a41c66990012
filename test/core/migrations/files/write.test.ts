import {mkdirSync, writeFileSync} from 'node:fs';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {readSchema} from '../../../../source/core/ddl/read.ts';
import {listMigrations} from '../../../../source/core/migrations/files/list.ts';
import {loadMigration} from '../../../../source/core/migrations/files/load.ts';
import {writeMigration} from '../../../../source/core/migrations/files/write.ts';
import {typescriptMigration} from '../../../../source/core/migrations/files/write-typescript.ts';
import {replay, upgradesOf} from '../../../../source/core/migrations/replay/replay.ts';
import {advanceAll} from '../../../../source/core/operations/advance.ts';
import type {Operation} from '../../../../source/core/operations/operation.ts';
import {sameSchema} from '../../../../source/core/schema/equality.ts';
import {projectForEachTest} from '../../../project-folder.ts';

const project = projectForEachTest();

const from = readSchema([
	{type: 'table', name: 'user', sql: 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, zip TEXT, "a `b` ${c}" TEXT)'},
	{type: 'table', name: 'log', sql: 'CREATE TABLE log (x)'},
	{type: 'view', name: 'v', sql: "CREATE VIEW v AS SELECT name || '\r\n\\' AS n FROM user"},
]);

async function loaded(text: string, extension = 'ts') {
	mkdirSync(project.migrationsDir, {recursive: true});
	writeFileSync(`${project.migrationsDir}/1_a.${extension}`, text);
	const [file] = listMigrations(project.migrationsDir);
	if (file === undefined) throw new Error('no file');
	return loadMigration(file);
}

const bare = (operations: readonly Operation[]) => operations.map(({origin: _, ...operation}) => operation);

describe('a migration file', () => {
	test('is readable, and explains why a table is rewritten and what cannot be undone', () => {
		const text = writeMigration('ts', from, [
			{kind: 'renameColumn', table: 'user', column: 'name', to: 'full_name'},
			{
				kind: 'changeTable',
				table: 'user',
				sql: 'CREATE TABLE user (\n    id INTEGER PRIMARY KEY,\n    full_name TEXT,\n    zip INTEGER,\n    "a `b` ${c}" TEXT\n)',
				fill: {full_name: "lower('X')"},
			},
			{kind: 'dropTable', table: 'log'},
		]);
		expect(text).toBe(`import type {MigrationBuilder} from 'lite-migr';

// user: rewrite of the table, because zip TEXT → INTEGER is stored differently.
// user.zip: values are converted, TEXT → INTEGER. A downgrade cannot restore the original spelling.
// log: dropped with its rows. A downgrade cannot restore them.

export function upgrade(op: MigrationBuilder) {
    op.renameColumn('user', 'name', 'full_name');
    op.changeTable('user', \`
        CREATE TABLE user (
            id INTEGER PRIMARY KEY,
            full_name TEXT,
            zip INTEGER,
            "a \\\`b\\\` \\\${c}" TEXT
        )\`, {fill: {full_name: \`lower('X')\`}, from: 'ed44a4ec'});
    op.dropTable('log');
}

export function downgrade(op: MigrationBuilder) {
    // log comes back empty.
    op.createTable('CREATE TABLE log (x)');
    op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, full_name TEXT, zip TEXT, "a \`b\` \${c}" TEXT)', {from: '51809c61'});
    op.renameColumn('user', 'full_name', 'name');
}
`);
	});

	test('results in the same schemas as plain SQL, for upgrade and downgrade', async () => {
		const operations: Operation[] = [
			{
				kind: 'changeTable',
				table: 'user',
				sql: 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, zip INTEGER, "a `b` ${c}" TEXT UNIQUE)',
				fill: {name: "'x'"},
			},
			{kind: 'createIndex', sql: 'CREATE INDEX user_zip ON user (zip)'},
			{kind: 'createTrigger', sql: "CREATE TRIGGER t AFTER INSERT ON user BEGIN SELECT CASE WHEN 1 THEN ';' END; END"},
			{kind: 'dropTable', table: 'log'},
		];
		const migration = await loaded(writeMigration('sql', from, operations), 'sql');
		const up = await replay(from, upgradesOf([migration]));
		expect(sameSchema(up.schema, advanceAll(from, operations))).toBe(true);
		const down = await replay(up.schema, [{name: '1_a', path: '', operations: migration.downgrade ?? []}]);
		expect(sameSchema(down.schema, from)).toBe(true);
	});
});

/** Strings with characters that are special in a template literal, a comment or a terminal. */
const trouble = fc.string({
	unit: fc.constantFrom(
		'a',
		'ü',
		'😀',
		'`',
		'$',
		'{',
		'}',
		'\\',
		"'",
		'"',
		'\n',
		'\r',
		'\t',
		' ',
		'\u2028',
		'\u202e',
		'\x1b',
		'\x00',
		'\ufeff',
		'--',
		'/*',
	),
	maxLength: 12,
});
const name = trouble.map((text) => `n${text}`);
const quotedName = name.map((text) => `"${text.replaceAll('"', '""')}"`);
const literal = trouble.map((text) => `'${text.replaceAll("'", "''")}'`);
const blank = fc.constantFrom(' ', '\n', '\n    ', '\n\t', '\r\n  ');
const definition = fc
	.tuple(quotedName, quotedName, literal, blank, blank)
	.map(([table, column, value, a, b]) => `CREATE TABLE ${table}${a}(${column} TEXT DEFAULT ${value}${b})`);
const operation: fc.Arbitrary<Operation> = fc.oneof(
	definition.map((sql) => ({kind: 'createTable' as const, sql})),
	name.map((table) => ({kind: 'dropTable' as const, table})),
	fc.tuple(name, name).map(([table, to]) => ({kind: 'renameTable' as const, table, to})),
	fc.tuple(name, quotedName, literal, fc.boolean()).map(([table, column, value, isFilled]) => ({
		kind: 'addColumn' as const,
		table,
		definition: `${column} TEXT DEFAULT ${value}`,
		...(isFilled ? {fill: value} : {}),
	})),
	fc.tuple(name, name).map(([table, column]) => ({kind: 'dropColumn' as const, table, column})),
	fc.tuple(name, name, name).map(([table, column, to]) => ({kind: 'renameColumn' as const, table, column, to})),
	fc
		.tuple(name, definition, name, literal)
		.map(([table, sql, column, value]) => ({kind: 'changeTable' as const, table, sql, fill: {[column]: value}})),
	name.map((index) => ({kind: 'dropIndex' as const, index})),
	fc
		.tuple(literal, trouble, fc.bigInt(), fc.uint8Array({maxLength: 3}), fc.double({noNaN: true, noDefaultInfinity: true}))
		.map(([value, text, big, bytes, number]) => ({
			kind: 'execute' as const,
			sql: `SELECT ${value}`,
			parameters: [text, big, bytes, null, Object.is(number, -0) ? 0 : number],
		})),
);

test('operations are unchanged after they are written to a TypeScript file and read back', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(operation, {minLength: 1, maxLength: 6}), fc.array(operation, {maxLength: 3}), async (upgrade, downgrade) => {
			const migration = await loaded(typescriptMigration([], upgrade, downgrade, []));
			expect(bare(migration.upgrade)).toEqual(upgrade);
			expect(bare(migration.downgrade ?? [])).toEqual(downgrade);
		}),
		{numRuns: 150},
	);
});
