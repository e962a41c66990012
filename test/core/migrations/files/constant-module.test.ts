import {mkdirSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {readConstantModule} from '../../../../source/core/migrations/files/constant-module.ts';
import {listMigrations} from '../../../../source/core/migrations/files/list.ts';
import {loadMigration} from '../../../../source/core/migrations/files/load.ts';
import type {Migration} from '../../../../source/core/migrations/files/migration.ts';
import {typescriptMigration} from '../../../../source/core/migrations/files/write-typescript.ts';
import {projectForEachTest} from '../../../project-folder.ts';

const project = projectForEachTest();

function isConstant(text: string, path = '/project/migrations/1_a.ts'): boolean {
	return readConstantModule({path, text}) !== undefined;
}

/** Loads a text from a file that is read, and from the same file with one more constant, which has to be imported. */
async function loadedBothWays(text: string): Promise<readonly [read: Migration, imported: Migration]> {
	const load = async (contents: string) => {
		mkdirSync(project.migrationsDir, {recursive: true});
		writeFileSync(`${project.migrationsDir}/1_a.ts`, contents);
		const [file] = listMigrations(project.migrationsDir);
		if (file === undefined) throw new Error('the file is missing');
		return {...(await loadMigration(file)), checksum: ''};
	};
	const other = `${text}\nexport const other = 1;\n`;
	expect([isConstant(text), isConstant(other)]).toEqual([true, false]);
	return [await load(text), await load(other)];
}

const operations = `
	op.createTable(\`
		CREATE TABLE "a b" (
			x TEXT DEFAULT 'it''s \\\\ \\\`quoted\\\` \\\${no}',

			y
		)
	\`)
	op.addColumn('a b', "z INTEGER", {fill: 'x || \\'\\n\\''}); op.dropIndex('i', {ifExists: true,})
`;

describe('a file that is read has the same operations and lines as when it is imported', () => {
	test.each([
		[
			'as create writes it',
			typescriptMigration(['adds a'], [{kind: 'createTable', sql: 'CREATE TABLE a (\n    x\n)'}], [{kind: 'dropTable', table: 'a'}], []),
		],
		[
			'with every operation',
			typescriptMigration(
				[],
				[
					{kind: 'changeTable', table: 'a', sql: 'CREATE TABLE a (x, y)', fill: {y: "'`${1}\\'", 'z y': '1'}, from: ['3f9c1a2b', '00000000']},
					{kind: 'renameTable', table: 'a', to: "b'c"},
					{kind: 'renameColumn', table: 'a', column: 'x', to: 'y'},
					{kind: 'createIndex', sql: 'CREATE INDEX i ON a (x)'},
					{kind: 'createView', sql: 'CREATE VIEW v AS\nSELECT 1'},
					{kind: 'dropView', view: 'v', ifExists: true},
					{kind: 'createTrigger', sql: 'CREATE TRIGGER t AFTER INSERT ON a BEGIN\n    SELECT 1;\nEND'},
					{kind: 'dropTrigger', trigger: 't'},
					{kind: 'execute', sql: 'UPDATE a SET x = ?', parameters: ['é', 1, -2.5, null]},
				],
				[],
				[],
				['1_b', '2_c'],
			),
		],
		[
			'with other spacing',
			`// comment\n/* another\none */ import type {A, MigrationBuilder,} from "lite-migr"\nexport const transaction = false;\nexport async function upgrade(op: MigrationBuilder): Promise<void> {${operations}} export function downgrade() {}`,
		],
		[
			'with Windows line endings',
			"export function upgrade(op) {\r\n\top.createTable(`\r\n\t\tCREATE TABLE a (\r\n\t\t\tx DEFAULT '\r\n'\r\n\t\t)\r\n\t`);\r\n}\r\n",
		],
	])('%s', async (_, text) => {
		const [read, imported] = await loadedBothWays(text);
		expect(read).toEqual(imported);
	});
});

describe('a file is imported', () => {
	const upgrade = (body: string) => `export function upgrade(op) {\n\t${body}\n}\n`;
	test.each([
		['with a variable', `const name = 'a';\n${upgrade('op.dropTable(name);')}`],
		['with an expression', upgrade("op.dropTable('a' + 'b');")],
		['with a template that has an expression', upgrade('op.dropTable(`a${1}`);')],
		['with code', upgrade('op.run(({db}) => db.exec(``));')],
		['with a method that does not exist', upgrade("op.dropTabel('a');")],
		['with a call of something else', upgrade("globalThis.seen = 1; op.dropTable('a');")],
		['with a builder of another name', "export function upgrade(_op) {\n\top.dropTable('a');\n}\n"],
		['with an unusual escape', upgrade("op.dropTable('\\u0061');")],
		['with two upgrades', `${upgrade('')}${upgrade('')}`],
		['with a function twice as long as it seems', `export function upgrade(op) {\n\top.dropTable('}');\n`],
		['with two calls in a line without a semicolon', upgrade("op.dropTable('a') op.dropTable('b')")],
		['with an import of a value', `import {text} from './a.ts';\n${upgrade("op.dropTable('a');")}`],
		['with a list without commas', `export const squashes = ['a' 'b'];\n${upgrade('')}`],
		['with a prototype', upgrade("op.changeTable('a', 'CREATE TABLE a (x)', {__proto__: null});")],
		['with a byte order mark', `\ufeff${upgrade('')}`],
	])('%s', (_, text) => {
		expect(isConstant(text)).toBe(false);
	});

	test('with types in JavaScript, or under node_modules', () => {
		const typed = 'export function upgrade(op: MigrationBuilder) {\n}\n';
		const paths = ['/a/1_a.ts', '/a/1_a.mts', '/a/1_a.js', '/a/1_a.cts', '/a/1_a.cjs', '/a/node_modules/b/1_a.ts'];
		expect(paths.filter((path) => isConstant(typed, path))).toEqual(['/a/1_a.ts', '/a/1_a.mts']);
	});
});

test('invalid arguments in a file that is read are reported with their line', async () => {
	mkdirSync(project.migrationsDir, {recursive: true});
	writeFileSync(`${project.migrationsDir}/1_a.ts`, "export function upgrade(op) {\n\top.dropTable('a');\n\top.createTable('');\n}\n");
	const [file] = listMigrations(project.migrationsDir);
	await expect(loadMigration(file as NonNullable<typeof file>)).rejects.toMatchObject({
		message: 'op.createTable: the definition must be a string, not an empty string',
		location: {file: file?.path, line: 3},
	});
});
