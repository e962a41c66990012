import {describe, expect, test} from 'vitest';
import {sameSchema} from '../../../../source/core/schema/equality.ts';
import type {Schema} from '../../../../source/core/schema/schema.ts';
import {type Generation, generations, kitSchema, kitStatements, ourSchema, project, statements} from './project.ts';

/** Compares names first, which makes differences easier to see. */
function names(schema: Schema): string[] {
	return [schema.tables, schema.indexes, schema.views].flatMap((objects) => objects.map(({kind, name}) => `${kind} ${name}`).sort());
}

async function expectTheSame(folder: string, file: string, casing?: 'snake_case' | 'camelCase'): Promise<void> {
	const [ours, kits] = await Promise.all([ourSchema(folder, file, casing === undefined ? {} : {casing}), kitSchema(folder, file, casing)]);
	expect(names(ours)).toEqual(names(kits));
	for (const table of ours.tables)
		expect(sameSchema({...ours, tables: [table]}, {...ours, tables: kits.tables.filter(({name}) => name === table.name)}), table.sql).toBe(true);
	expect(sameSchema(ours, kits)).toBe(true);
}

describe.each(generations)('the schema that drizzle-kit of generation %s creates', {timeout: 120_000}, (generation) => {
	test('is the schema that lite-migr reads from the same file: every feature of drizzle-orm', async () => {
		await expectTheSame(project(generation, {'shop.ts': undefined}), 'shop.ts');
	});

	test('is the schema that lite-migr reads from the same file: columns named by their keys', async () => {
		await expectTheSame(project(generation, {'camel.ts': undefined}), 'camel.ts');
	});
});

describe('casing', {timeout: 120_000}, () => {
	test.each(['snake_case', 'camelCase'] as const)('%s gives the same names as drizzle-kit 0.31', async (casing) => {
		await expectTheSame(project(0, {'camel.ts': undefined}), 'camel.ts', casing);
	});

	test('is set in the schema itself for drizzle-orm 1', async () => {
		const folder = project(1, {
			'cased.ts': `
				import {sql} from 'drizzle-orm';
				import {camelCase, integer, snakeCase, sqliteTableCreator, text, uniqueIndex} from 'drizzle-orm/sqlite-core';
				export const parent = snakeCase.table('parentTable', {rowKey: integer().primaryKey(), aName: text().notNull().unique(), kept: text('keptAsWritten')});
				export const child = camelCase.table('child', {row_key: integer().references(() => parent.rowKey), nick_name: text()}, (table) => [uniqueIndex('nick').on(table.nick_name)]);
				export const creator = sqliteTableCreator((name) => 'p_' + name, 'snake_case')('creator', {someThing: text()});
				export const names = snakeCase.view('names').as((query) => query.select({rowKey: parent.rowKey, aName: parent.aName}).from(parent));
			`,
		});
		await expectTheSame(folder, 'cased.ts');
		expect((await ourSchema(folder, 'cased.ts')).tables.map(({columns}) => columns.map(({name}) => name))).toEqual([
			['row_key', 'a_name', 'keptAsWritten'],
			['rowKey', 'nickName'],
			['some_thing'],
		]);
	});

	test('applies to the columns that a view selects, which drizzle-kit 0.31 leaves unchanged: its view selects columns that do not exist', async () => {
		const folder = project(0, {'camel.ts': undefined, 'camel-views.ts': undefined});
		const kits = await kitStatements(folder, 'camel-views.ts', 'snake_case');
		expect(kits).toContain(
			'CREATE VIEW `one` AS select "childKey", upper("nickName") as "upNick" from "childTable" where "childTable"."child_key" > 1;',
		);
		const ours = await statements(folder, 'camel-views.ts', {casing: 'snake_case'});
		expect(ours.map(({sql}) => sql)).toEqual([
			'CREATE VIEW one AS select "child_key", upper("nick_name") as "upNick" from "childTable" where "childTable"."child_key" > 1',
			'CREATE VIEW joined AS select "parentTable"."row_key", "childTable"."nick_name" from "parentTable" left join "childTable" on "childTable"."parent_key" = "parentTable"."row_key" group by "parentTable"."a_name"',
			'CREATE VIEW aliased AS select "parent_key", "child_key", "nick_name", "keptAsWritten", "short_name", "parent_again" from "childTable" "other"',
			'CREATE VIEW onView AS select "child_key", "upNick" from "one"',
			'CREATE VIEW withIt AS with "c" as (select "child_key", "nick_name" from "childTable") select "child_key", "nick_name" from "c"',
		]);
	});
});

/** A default that drizzle-kit writes incorrectly: the column, the DEFAULT that drizzle-kit writes, and the correct DEFAULT. */
type WrongDefault = readonly [column: string, kits: string, right: string];

const wrongDefaults: Readonly<Record<Generation, readonly WrongDefault[]>> = {
	0: [
		["integer({mode: 'timestamp'}).default(new Date(1500))", `'"1970-01-01T00:00:01.500Z"'`, '1'],
		["integer({mode: 'timestamp_ms'}).default(new Date(1500))", `'"1970-01-01T00:00:01.500Z"'`, '1500'],
		["text({mode: 'json'}).default('plain')", `'plain'`, `'"plain"'`],
		["text({mode: 'json'}).default(true)", 'true', `'true'`],
		[`text({mode: 'json'}).default({a: "it's"})`, `'{"a":"it's"}'`, `'{"a":"it''s"}'`],
		["blob({mode: 'buffer'}).default(Buffer.from('a'))", `'{"type":"Buffer","data":[97]}'`, "X'61'"],
		["blob({mode: 'json'}).default({a: 1})", `'{"a":1}'`, "X'7B2261223A317D'"],
		['integer().default(null)', `'null'`, ''],
		['integer().default(sql`unixepoch()`)', 'unixepoch()', '(unixepoch())'],
		["customType({dataType: () => 'text', toDriver: (value) => value.toUpperCase()})().default('a')", `'a'`, `'A'`],
	],
	1: [
		["text().default('C:\\\\new')", `'C:\\\\new'`, `'C:\\new'`],
		['text().default(null)', `'null'`, ''],
		["blob({mode: 'bigint'}).default(10n)", `'10'`, "X'3130'"],
		["blob({mode: 'json'}).default({a: 1})", `'{"a":1}'`, "X'7B2261223A317D'"],
		["text({mode: 'json'}).default('plain')", `'plain'`, `'"plain"'`],
		['integer().default(sql`unixepoch()`)', 'unixepoch()', '(unixepoch())'],
		["customType({dataType: () => 'geometry', toDriver: (value) => value.toUpperCase()})().default('a b')", 'a b', `'A B'`],
	],
};

const failingDefaults: Readonly<Record<Generation, readonly (readonly [column: string, right: string])[]>> = {
	0: [
		["blob({mode: 'bigint'}).default(10n)", "X'3130'"],
		["numeric({mode: 'bigint'}).default(10n)", '10'],
		[`integer().default(sql\`(\${5})\`)`, '(5)'],
	],
	1: [
		["text({mode: 'json'}).default(12)", `'12'`],
		["text({mode: 'json'}).default(true)", `'true'`],
		[`integer().default(sql\`(\${5})\`)`, '(5)'],
	],
};

describe.each(generations)('lite-migr is correct and drizzle-kit of generation %s is not:', {timeout: 120_000}, (generation) => {
	const model = (columns: readonly string[], rest = ''): string => `
		import {eq, gt, sql} from 'drizzle-orm';
		import {alias, blob, check, customType, index, integer, numeric, sqliteTable, text} from 'drizzle-orm/sqlite-core';
		export const model = sqliteTable('model', {${columns.map((column, index) => `c${index}: ${column}`).join(', ')}}${rest === '' ? '' : `, (table) => [${rest}]`});
	`;
	const sqlOf = async (folder: string): Promise<string> => (await statements(folder, 'model.ts')).map(({sql}) => sql).join('\n');
	const defaultOf = (sql: string, index: number): string => new RegExp(`c${index}\`? \\w+(?: DEFAULT ([^\\n]*?))?,?\\n`).exec(sql)?.[1] ?? '';

	test('drizzle-kit writes wrong defaults', async () => {
		const cases = wrongDefaults[generation];
		const folder = project(generation, {'model.ts': model(cases.map(([column]) => column))});
		const kits = (await kitStatements(folder, 'model.ts')).join('\n').replace(/\bdefault\b/g, 'DEFAULT');
		const ours = await sqlOf(folder);
		for (const [index, [column, wrong, right]] of cases.entries()) {
			expect.soft(defaultOf(kits, index), column).toBe(wrong);
			expect.soft(defaultOf(ours, index), column).toBe(right);
		}
	});

	test.each(failingDefaults[generation])('drizzle-kit fails on the default of %s', async (column, right) => {
		const folder = project(generation, {'model.ts': model([column])});
		await expect(kitStatements(folder, 'model.ts')).rejects.toThrow(/serialize a BigInt|unexpected default|support params/);
		expect(defaultOf(await sqlOf(folder), 0)).toBe(right);
	});

	test('drizzle-kit leaves parameters in definitions', async () => {
		const folder = project(generation, {
			'model.ts': model(['integer()', 'text()'], `check('positive', gt(table.c0, 0)), index('some').on(table.c1).where(eq(table.c1, "it's"))`),
		});
		expect((await kitStatements(folder, 'model.ts')).join('\n')).toMatch(/CHECK\(.*> \?\)[\s\S]*WHERE .*= \?/);
		expect(await sqlOf(folder)).toMatch(/CHECK \("c0" > 0\)[\s\S]*WHERE \(?"c1" = 'it''s'\)?$/);
	});

	test('drizzle-kit creates a table for an alias, and fails on or repeats a table that is exported twice', async () => {
		const folder = project(generation, {
			'model.ts': `${model(['integer()'])} export const again = model; export const other = alias(model, 'other');`,
		});
		const kits = await kitStatements(folder, 'model.ts').catch(() => undefined);
		if (generation === 0) expect(kits?.join('\n')).toContain('CREATE TABLE `other`');
		else expect(kits).toBeUndefined();
		expect(await sqlOf(folder)).toBe('CREATE TABLE model (\n    c0 integer\n)');
	});
});
