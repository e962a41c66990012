import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import type {MigrError} from '../../../../source/core/errors.ts';
import {findGeneration} from '../../../../source/core/models/drizzle/orm.ts';
import {readDrizzleModule, readDrizzleModules} from '../../../../source/core/models/drizzle/read.ts';
import {isDrizzleObject} from '../../../../source/core/models/drizzle/recognize.ts';
import {type Generation, generations, project, statements} from './project.ts';

const header = `import {eq, sql} from 'drizzle-orm';
import {alias, blob, check, foreignKey, index, integer, primaryKey, real, sqliteTable, sqliteView, text, unique} from 'drizzle-orm/sqlite-core';
`;

async function failure(
	generation: Generation,
	text: string,
	options?: Parameters<typeof statements>[2],
): Promise<MigrError & {readonly folder: string}> {
	const folder = project(generation, {'model.ts': text});
	const error = await statements(folder, 'model.ts', options).then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toMatchObject({name: 'MigrError'});
	return Object.assign(error as MigrError, {folder});
}

describe.each(generations)('with drizzle-orm of generation %s', (generation) => {
	test('reports the line of each table, index and view, in the order of the file', async () => {
		const folder = project(generation, {
			'model.ts': `${header}
export const second = sqliteTable('b', {
	id: integer().primaryKey(),
}, (table) => [
	index('b_id').on(table.id),
]);
const inner = sqliteTable('a', {id: integer()});
export {inner as first};
export const aView = sqliteView('v').as((query) => query.select().from(inner));
`,
		});
		const file = join(folder, 'model.ts');
		expect((await statements(folder, 'model.ts')).map(({sql, source}) => [sql.split(' (')[0], source])).toEqual([
			['CREATE TABLE a', {file, line: 1}],
			['CREATE TABLE b', {file, line: 4}],
			['CREATE INDEX b_id ON b', {file, line: 7}],
			['CREATE VIEW v AS select "id" from "a"', {file, line: 11}],
		]);
	});

	test('reports the line of each column', async () => {
		const folder = project(generation, {
			'model.ts': `${header}
export const id = 0;
export const t = sqliteTable('t', {
	id: integer().primaryKey(),
	named:
		text('name'),
	'odd key': text(), last: text(),
});
`,
		});
		const columns = Object.entries((await statements(folder, 'model.ts'))[0]?.columns ?? {});
		expect(columns.map(([name, {source}]) => [name, source.line])).toEqual([
			['id', 6],
			['name', 8],
			['odd key', 9],
			['last', 9],
		]);
	});

	test('reads an object once if several modules export it, and reports where it is declared', async () => {
		const folder = project(generation, {
			'index.ts': `export * from './users.ts'; export {default as renamed} from './other.ts';`,
			'other.ts': `${header}\nexport default sqliteTable('other', {id: integer()});`,
			'users.ts': `${header}\n\nexport const users = sqliteTable('users', {id: integer()});`,
		});
		const modules = await Promise.all(
			['index.ts', 'other.ts', 'users.ts'].map(async (name) => {
				const file = join(folder, name);
				return {file, exports: (await import(file)) as Record<string, unknown>};
			}),
		);
		const read = await readDrizzleModules(modules);
		expect(read.map(({sql, source}) => [sql.split(' (')[0], source])).toEqual([
			['CREATE TABLE other', {file: join(folder, 'other.ts'), line: 4}],
			['CREATE TABLE users', {file: join(folder, 'users.ts'), line: 5}],
		]);
		expect((await readDrizzleModules(modules.slice(0, 1))).map(({source}) => source.file)).toEqual([
			join(folder, 'index.ts'),
			join(folder, 'index.ts'),
		]);
	});

	test('reads the contents of a default export', async () => {
		const folder = project(generation, {'model.ts': `${header} const t = sqliteTable('t', {id: integer()}); export default {t, n: 5};`});
		expect(await statements(folder, 'model.ts')).toHaveLength(1);
	});

	test('ignores existing views, aliases and everything else that is not created', async () => {
		const folder = project(generation, {
			'model.ts': `${header}
				const a = sqliteTable('a', {id: integer()});
				export const there = sqliteView('there', {id: integer()}).existing();
				export const other = alias(a, 'other');
				export const expression = sql\`1\`;
				export const column = a.id;
				export const number = 5;
				export const nothing = null;
			`,
		});
		expect(await statements(folder, 'model.ts')).toEqual([]);
	});

	test('quotes names that need it', async () => {
		const folder = project(generation, {
			'model.ts': `${header} export const odd = sqliteTable('or"der', {a: integer('select'), b: text('ünï 🎉')}, (table) => [index('in dex').on(table.a, table.b), check('che"ck', sql\`\${table.a} > 0\`)]);`,
		});
		expect((await statements(folder, 'model.ts')).map(({sql}) => sql)).toEqual([
			'CREATE TABLE "or""der" (\n    "select" integer,\n    "ünï 🎉" text,\n    CONSTRAINT "che""ck" CHECK ("select" > 0)\n)',
			'CREATE INDEX "in dex" ON "or""der" ("select", "ünï 🎉")',
		]);
	});

	test.each(['bigint', 'blob', 'date', 'text'] as const)('writes a %s into the text of a view', async (kind) => {
		const [column, value, expected] = {
			bigint: ["blob({mode: 'bigint'})", '12n', "X'3132'"],
			blob: ["blob({mode: 'buffer'})", "Buffer.from('a')", "X'61'"],
			date: ["integer({mode: 'timestamp'})", 'new Date(5000)', '5'],
			text: ['text()', `"what's ?"`, `'what''s ?'`],
		}[kind] as [string, string, string];
		const folder = project(generation, {
			'model.ts': `${header} const a = sqliteTable('a', {c: ${column}}); export const v = sqliteView('v').as((query) => query.select({d: sql\`'?'\`.as('d')}).from(a).where(eq(a.c, ${value})));`,
		});
		expect((await statements(folder, 'model.ts'))[0]?.sql).toBe(`CREATE VIEW v AS select '?' as "d" from "a" where "a"."c" = ${expected}`);
	});

	test('rejects tables and views of other databases, with name and line', async () => {
		const error = await failure(
			generation,
			`import {integer, pgTable} from 'drizzle-orm/pg-core';\n\nexport const users = pgTable('users', {id: integer()});`,
		);
		expect(error).toMatchObject({code: 'model', location: {file: join(error.folder, 'model.ts'), line: 3}});
		expect(error.message).toContain('users is a PgTable of drizzle-orm');
		expect(
			(await failure(generation, `import {mysqlView} from 'drizzle-orm/mysql-core'; export const v = mysqlView('v', {}).existing();`)).message,
		).toContain('v is a MySqlView');
	});

	test.each([
		[
			'a column of another database',
			`import {text as other} from 'drizzle-orm/pg-core'; export const t = sqliteTable('t', {a: other()});`,
			't: column a is a PgText, which is not an SQLite column',
		],
		[
			'a reference to another database',
			`import {pgTable, integer as other} from 'drizzle-orm/pg-core'; const p = pgTable('p', {id: other()}); export const t = sqliteTable('t', {a: integer().references(() => p.id)});`,
			't: a foreign key refers to PgTable, which is not an SQLite table',
		],
		[
			'an index without columns',
			`export const t = sqliteTable('t', {a: integer()}, () => [index('i')]);`,
			"t: SQLiteIndexBuilderOn in the table's third argument is not an index or constraint",
		],
		[
			'a constraint in an object in the list',
			`export const t = sqliteTable('t', {a: integer()}, (table) => [{i: index('i').on(table.a)}]);`,
			"t: object in the table's third argument is not an index or constraint",
		],
		['a table without columns', `export const t = sqliteTable('t', {});`, 't: the table has no columns'],
		[
			'two primary keys',
			`export const t = sqliteTable('t', {a: integer().primaryKey(), b: integer().primaryKey()});`,
			't: the table has 2 primary keys: (a), (b)',
		],
		['a value that SQLite cannot store', `export const t = sqliteTable('t', {a: real().default(NaN)});`, 't: SQLite cannot store NaN'],
		[
			'a placeholder',
			`export const t = sqliteTable('t', {a: integer()}, (table) => [check('c', sql\`\${table.a} > \${sql.placeholder('n')}\`)]);`,
			't: a definition cannot contain a placeholder',
		],
		[
			'a reference to an undefined table',
			`const other = {} as any; export const t = sqliteTable('t', {a: integer().references(() => other.user.id)});`,
			't: drizzle-orm',
		],
		[
			'an error thrown by the definition',
			`export const t = sqliteTable('t', {a: integer()}, () => { throw new Error('own'); });`,
			'cannot read this definition: own',
		],
	])('names the export and the line of %s', async (_, text, message) => {
		const error = await failure(generation, `${header}\n${text}`);
		expect(error).toMatchObject({code: 'model', location: {file: join(error.folder, 'model.ts'), line: 4}});
		expect(error.message).toContain(message);
	});
});

test('drizzle-orm 1 does not accept a casing: the error says what to write instead', async () => {
	const error = await failure(1, `${header} export const t = sqliteTable('t', {aB: integer()});`, {casing: 'snake_case'});
	expect(error).toMatchObject({code: 'config', hint: expect.stringContaining('snakeCase.table(…)') as string});
});

test('an alias with the name of a column before casing is an error', async () => {
	const text = `${header} const t = sqliteTable('t', {aB: integer()}); export const v = sqliteView('v').as((query) => query.select({x: sql\`1\`.as('aB')}).from(t));`;
	expect((await failure(0, text, {casing: 'snake_case'})).message).toBe(
		"v: the view's query has an alias aB, which is also the name of a column before casing",
	);
});

test('a model file that cannot import drizzle-orm is an error', async () => {
	const folder = project(0, {'model.ts': `${header} export const t = sqliteTable('t', {a: integer()});`});
	const module = (await import(join(folder, 'model.ts'))) as Record<string, unknown>;
	const elsewhere = mkdtempSync(join(tmpdir(), 'no-drizzle-'));
	onTestFinished(() => rmSync(elsewhere, {recursive: true}));
	writeFileSync(join(elsewhere, 'model.ts'), '');
	const error: unknown = await readDrizzleModule(module, join(elsewhere, 'model.ts'), {}).catch((reason: unknown) => reason);
	expect(error).toMatchObject({code: 'model', hint: 'install it in the project: npm install drizzle-orm'});
});

test('findGeneration returns the generation of the drizzle-orm in a folder, if it is installed', async () => {
	for (const generation of generations) expect(await findGeneration(project(generation, {}))).toBe(generation);
	const elsewhere = mkdtempSync(join(tmpdir(), 'no-drizzle-'));
	onTestFinished(() => rmSync(elsewhere, {recursive: true}));
	expect(await findGeneration(elsewhere)).toBeUndefined();
});

test('Drizzle objects are recognized without drizzle-orm', async () => {
	for (const generation of generations) {
		const folder = project(generation, {
			'model.ts': `${header} export const t = sqliteTable('t', {a: integer()}); export const v = sqliteView('v').as((query) => query.select().from(t)); export const plain = {}; export const f = () => 1;`,
		});
		const module = (await import(join(folder, 'model.ts'))) as Record<string, unknown>;
		expect(Object.entries(module).map(([name, value]) => [name, isDrizzleObject(value)])).toEqual([
			['f', false],
			['plain', false],
			['t', true],
			['v', true],
		]);
	}

	for (const value of [undefined, null, 1, 'a', [], Object.create(null), new Date(), class {}]) expect(isDrizzleObject(value)).toBe(false);
});
