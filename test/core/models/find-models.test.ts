import {expect, test} from 'vitest';
import {findModels} from '../../../source/core/models/find-models.ts';
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
