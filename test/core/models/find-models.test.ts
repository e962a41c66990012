import {symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {databasesOf, findModels} from '../../../source/core/models/find-models.ts';
import type {FoundModels} from '../../../source/core/models/found-models.ts';
import {findModelFiles} from '../../../source/core/models/model-files.ts';
import {projectForEachTest} from '../../project-folder.ts';

const project = projectForEachTest();
const schema = "import {sqliteTable} from 'drizzle-orm/sqlite-core';\nexport const a = sqliteTable('a', {});\n";
const found = () => findModels(project.path);

test.each([
	['src/db/schema.ts', './src/db/schema.ts'],
	['src/lib/server/db/schema.ts', './src/lib/server/db/schema.ts'],
	['server/database/schema.ts', './server/database/schema.ts'],
	['src/server/db/schema/users.ts', './src/server/db/schema'],
	['db/schema.js', './db/schema.js'],
	['schema.ts', './schema.ts'],
])('the Drizzle schema %s is found', (file, models) => {
	project.write(file, schema);
	expect(found()).toMatchObject({kind: 'Drizzle', models, databaseFolder: '.'});
});

test.each([
	['a string', "schema: './app/tables.ts'", './app/tables.ts'],
	['a string without a leading dot', 'schema: "app/tables.ts"', './app/tables.ts'],
	['a folder', 'schema: `./app/`', './app'],
	['a pattern', "schema: './app/**/*.ts'", './app/**/*.ts'],
	['a list', "schema: ['./app/tables.ts', './app/more.ts'],", ['./app/tables.ts', './app/more.ts']],
	['a key in quotes', `"schema": "./app/tables.ts"`, './app/tables.ts'],
	['a line after a comment', "// schema: './old.ts'\n/* schema: './older.ts' */ schema: './app/tables.ts' // 'x'", './app/tables.ts'],
])('the configuration of drizzle-kit names the schema as %s', (_what, line, models) => {
	project.write('drizzle.config.ts', `export default defineConfig({dialect: 'sqlite', site: 'https://example.org', ${line}\n});`);
	project.write('app/tables.ts', schema);
	project.write('app/more.ts', schema);
	project.write('src/db/schema.ts', schema);
	expect(found()?.models).toEqual(models);
});

test('the configuration names the database and the casing', () => {
	project.write('src/db/schema.ts', schema);
	project.write(
		'drizzle.config.js',
		"export default {dialect: 'turso', casing: 'snake_case', schema: './src/db/schema.ts', dbCredentials: {url: 'file:data/shop.db'}}",
	);
	expect(found()).toEqual({kind: 'Drizzle', models: './src/db/schema.ts', databaseFolder: '.', database: 'data/shop.db', casing: 'snake_case'});
});

test('the database of the configuration is unknown if it is on a server or computed', () => {
	project.write('src/db/schema.ts', schema);
	for (const url of ["'libsql://shop.turso.io'", 'process.env.DATABASE_URL!', '`file:${name}`']) {
		project.write('drizzle.config.ts', `export default {dialect: 'turso', schema: './src/db/schema.ts', dbCredentials: {url: ${url}}}`);
		expect(found()).toMatchObject({models: './src/db/schema.ts', database: undefined});
	}
});

test('the database of the configuration is unknown if it is in memory', () => {
	project.write('src/db/schema.ts', schema);
	for (const url of [':memory:', 'file::memory:', 'file::memory:?cache=shared', 'file:tests?mode=memory&cache=shared', '']) {
		project.write('drizzle.config.ts', `export default {dialect: 'sqlite', schema: './src/db/schema.ts', dbCredentials: {url: '${url}'}}`);
		expect(found()).toMatchObject({models: './src/db/schema.ts', database: undefined});
	}
});

test('the parameters of a URL are not part of the path', () => {
	project.write('src/db/schema.ts', schema);
	project.write(
		'drizzle.config.ts',
		"export default {dialect: 'turso', schema: './src/db/schema.ts', dbCredentials: {url: 'file:data/shop.db?mode=rwc'}}",
	);
	expect(found()?.database).toBe('data/shop.db');
});

test('a path that the configuration computes is not guessed: the usual places are searched', () => {
	project.write('drizzle.config.ts', "throw new Error('never executed'); export default {dialect: 'sqlite', schema: join(root, 'tables.ts')}");
	expect(found()).toBeUndefined();
	project.write('db/schema.ts', schema);
	expect(found()?.models).toBe('./db/schema.ts');
});

test('a schema for another database is not found', () => {
	project.write('src/db/schema.ts', schema.replace('sqlite-core', 'pg-core'));
	expect(found()).toBeUndefined();
	project.write('src/db/schema.ts', schema);
	project.write('drizzle.config.ts', "export default {dialect: 'postgresql', schema: './src/db/schema.ts'}");
	expect(found()).toBeUndefined();
});

test('without models there is nothing to find', () => {
	project.write('src/schema.ts', 'export const schema = {};');
	project.write('schema/readme.md', 'drizzle-orm/sqlite-core');
	expect(found()).toBeUndefined();
});

test('a Windows path in the configuration gets slashes', () => {
	project.write('app/db/tables.ts', schema);
	project.write(
		'drizzle.config.ts',
		String.raw`export default {dialect: 'sqlite', schema: '.\\app\\db\\tables.ts', dbCredentials: {url: 'data\\shop.db'}}`,
	);
	expect(found()).toMatchObject({models: './app/db/tables.ts', database: String.raw`data\shop.db`});
});

test('an absolute path in the configuration is used unchanged', () => {
	project.write('app/tables.ts', schema);
	project.write('shop.sqlite', '');
	const at = (name: string) => JSON.stringify(project.at(name));
	project.write(
		'drizzle.config.ts',
		`export default {dialect: 'sqlite', schema: ${at('app/tables.ts')}, dbCredentials: {url: ${at('shop.sqlite')}}}`,
	);
	expect(found()).toMatchObject({models: project.at('app/tables.ts').replaceAll('\\', '/'), database: project.at('shop.sqlite')});
	expect(databasesOf(found() as FoundModels, project.path)).toEqual([project.at('shop.sqlite')]);
});

test('the casing of introspection is not that of the schema', () => {
	project.write('src/db/schema.ts', schema);
	project.write(
		'drizzle.config.ts',
		"export default {introspect: {casing: 'preserve'}, casing: 'snake_case', dialect: 'sqlite', schema: './src/db/schema.ts'}",
	);
	expect(found()).toMatchObject({casing: 'snake_case'});
});

test('a configuration with a long list that is not constant is read in an instant', () => {
	project.write('src/db/schema.ts', schema);
	project.write('drizzle.config.ts', `export default {dialect: 'sqlite', schema: [${"'./a.ts'    \n   ".repeat(500)}, ...more]}`);
	const start = performance.now();
	expect(found()?.models).toBe('./src/db/schema.ts');
	expect(performance.now() - start).toBeLessThan(1000);
});

test.skipIf(process.platform === 'win32')('links that form a loop are not models, and no error', () => {
	for (const [name, target] of [
		['schema.ts', 'schema.ts'],
		['src', 'db'],
		['db', 'src'],
		['prisma', 'prisma'],
		['drizzle.config.ts', 'drizzle.config.ts'],
		['package.json', 'package.json'],
	] as const)
		symlinkSync(target, project.at(name));
	expect(found()).toBeUndefined();
});

test('folders with the names of files are not models, and no error', () => {
	for (const name of ['drizzle.config.ts/a', 'prisma.config.ts/a', 'package.json/a', 'schema.ts/a', 'prisma/schema.prisma/a'])
		project.write(name, '');
	expect(found()).toBeUndefined();
});

const datasource = 'datasource db {\n  provider = "sqlite"\n}\n';

test.each([
	['prisma/schema.prisma', './prisma/schema.prisma', 'prisma'],
	['schema.prisma', './schema.prisma', '.'],
	['prisma/schema/main.prisma', './prisma/schema/main.prisma', 'prisma/schema'],
])('the Prisma schema %s is found', (file, models, databaseFolder) => {
	project.write(file, datasource);
	expect(found()).toMatchObject({kind: 'Prisma', models, databaseFolder});
});

test.each(['prisma.config.ts', 'package.json'])('%s names the Prisma schema, even outside the project', (config) => {
	project.write('packages/db/main.prisma', datasource);
	project.write('packages/db/more/user.prisma', 'model User {\n  id Int @id\n}\n');
	project.write('apps/web/schema.prisma', 'model Old {\n  id Int @id\n}\n');
	const web = project.at('apps/web');
	const write = (place: string) => {
		const text = JSON.stringify(place);
		const isPackage = config === 'package.json';
		project.write(`apps/web/${config}`, isPackage ? `\uFEFF{"prisma": {"schema": ${text}}}` : `export default defineConfig({schema: ${text}})`);
	};
	for (const place of ['../../packages/db', '../../packages/db/main.prisma', project.at('packages/db'), '..\\..\\packages\\db\\']) {
		write(place);
		const models = findModels(web);
		expect(models).toMatchObject({kind: 'Prisma', models: '../../packages/db/**/*.prisma', databaseFolder: '../../packages/db'});
		expect(findModelFiles(join(web, String(models?.models))).prisma).toHaveLength(2);
	}
});

test('a Prisma schema with a mistake is found if it is for SQLite', () => {
	const mistake = 'generator client { output = "x" }\n';
	project.write('prisma/schema.prisma', `${datasource}${mistake}`);
	expect(found()).toMatchObject({kind: 'Prisma', models: './prisma/schema.prisma'});
	project.write('prisma/schema.prisma', `${datasource.replace('"sqlite"', '"postgresql"')}${mistake}`);
	expect(found()).toBeUndefined();
});

test('prisma.config names the database', () => {
	project.write('prisma/schema.prisma', datasource);
	project.write('prisma.config.ts', 'export default defineConfig({schema: "prisma/schema.prisma", datasource: {url: "file:./data/dev.db"}})');
	project.write('data/dev.db', '');
	expect(databasesOf(found() as FoundModels, project.path)).toEqual(['data/dev.db']);
	project.write('prisma.config.ts', 'export default defineConfig({schema: "prisma/schema.prisma", datasource: {url: env("DATABASE_URL")}})');
	expect(databasesOf(found() as FoundModels, project.path)).toEqual([]);
});

test('the files of a Prisma schema are listed if the name of the folder would be a pattern', () => {
	project.write('my [db]/a.prisma', datasource);
	project.write('my [db]/b.prisma', 'model B {\n  id Int @id\n}\n');
	project.write('package.json', '{"prisma": {"schema": "./my [db]"}}');
	const models = found()?.models;
	expect(models).toEqual(['./my [db]/a.prisma', './my [db]/b.prisma']);
	expect(findModelFiles([models ?? []].flat().map(project.at)).prisma).toHaveLength(2);
});
