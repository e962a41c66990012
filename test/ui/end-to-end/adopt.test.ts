import {mkdirSync, renameSync, symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'vitest';
import {openDatabase} from '../../../source/core/sqlite/open.ts';
import {createLocalD1} from '../../cli/local-d1.ts';
import {projectFolder} from '../../project-folder.ts';
import {keys} from '../emulator.ts';
import {flat, story} from './at-every-size.ts';

story('the first start next to an existing database adopts it', async ({open}) => {
	const project = projectFolder({});
	project.database((db) =>
		db.exec(`CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO user (name) VALUES ('Ann Lee'), ('Bob Hart');
			CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user (id)); CREATE TABLE _prisma_migrations (id TEXT PRIMARY KEY NOT NULL);`),
	);
	const ui = open(project);
	expect(flat(await ui.waitFor('❯ Adopt it'))).toMatch(/app\.db [\d.]+ kB, 2 tables/);
	ui.press(keys.enter);
	await ui.waitFor('enter write');
	ui.press(keys.enter);
	await ui.waitFor('enter use start');
	ui.press(keys.enter);
	await ui.waitFor(/1 applied/);
	ui.press('q');
	expect(await ui.exited).toBe(0);
	expect(project.files('models')).toEqual(['schema.ts']);
	expect(await project.builtLite('check')).toMatchObject({code: 0, stdout: '✔ models, migrations and app.db agree\n'});
	expect(project.database((db) => db.all('SELECT name FROM user ORDER BY id'))).toEqual([{name: 'Ann Lee'}, {name: 'Bob Hart'}]);
	expect(flat(ui.everything())).toContain('same as lite-migr baseline start');
});

story('a first start that has to wait for a lock says so', async ({open}) => {
	const project = projectFolder({});
	project.exec('CREATE TABLE user (id INTEGER PRIMARY KEY)');
	const db = openDatabase(project.file);
	db.exec('BEGIN EXCLUSIVE');
	const ui = open(project, 'init');
	expect(flat(await ui.waitFor('waiting for the lock'))).toContain(`(process ${process.pid})`);
	db.close();
	await ui.waitFor('❯ Adopt it');
	ui.press(keys.escape);
	expect(await ui.exited).toBe(130);
});

story('a first start does not adopt a file that is not a database, and writes nothing', async ({open}) => {
	const project = projectFolder({'app.db': 'not a database\n'.repeat(100)});
	const ui = open(project, 'init');
	expect(flat(await ui.waitFor('❯ Adopt it'))).toContain('cannot be read');
	ui.press(keys.enter);
	expect(flat(await ui.waitFor('esc back'))).toContain('looks like a text file. Nothing was written.');
	ui.press(keys.escape);
	await ui.waitFor('❯ Adopt it');
	ui.press(keys.ctrlC);
	expect(await ui.exited).toBe(130);
	expect(project.files('.')).toEqual(['app.db']);
});

story('the first start in a project of Prisma adopts its database with its schema', async ({open}) => {
	const project = projectFolder({
		'prisma/schema.prisma': 'datasource db {\n  provider = "sqlite"\n}\n\nmodel User {\n  id   Int    @id\n  name String\n}\n',
	});
	project.exec(
		'CREATE TABLE "User" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL); CREATE TABLE _prisma_migrations (id TEXT PRIMARY KEY NOT NULL)',
	);
	renameSync(project.file, project.at('prisma/dev.db'));
	const ui = open(project);
	expect((await ui.waitFor('❯ Adopt it with ./prisma/schema.prisma')).replace(/\s+/g, ' ')).toContain('prisma/dev.db');
	ui.press(keys.enter);
	await ui.waitFor('enter use start');
	ui.press(keys.enter);
	await ui.waitFor(/1 applied/);
	ui.press('q');
	expect(await ui.exited).toBe(0);
	expect(project.read('migrate.toml')).toContain('db_path = "prisma/dev.db"\nmigrations_dir = "./migrations"\nmodels_dir = "./prisma/schema.prisma"');
	expect(await project.builtLite('check')).toMatchObject({code: 0, stdout: '✔ models, migrations and prisma/dev.db agree\n'});
	expect(flat(ui.everything()).replaceAll('\\ ', '')).toMatch(/same as:? lite-migr init --db prisma\/dev\.db --models \.\/prisma\/schema\.prisma/);
});

story('the first start in a project of Prisma without a database uses its schema', async ({open}) => {
	const project = projectFolder({'prisma/schema.prisma': 'datasource db {\n  provider = "sqlite"\n}\n\nmodel User {\n  id   Int    @id\n}\n'});
	const ui = open(project);
	await ui.waitFor('❯ Set up for a new app.db');
	ui.press(keys.enter);
	await ui.waitFor('❯ ./prisma/schema.prisma');
	ui.press(keys.enter);
	await ui.waitFor(/models are ahead by 1 change|! 1 change/);
	ui.press('q');
	expect(await ui.exited).toBe(0);
	expect(project.read('migrate.toml')).toContain('models_dir = "./prisma/schema.prisma"');
});

story('the first start in a project of wrangler continues its migrations', async ({open}) => {
	const project = projectFolder({
		'wrangler.jsonc': '{"d1_databases": [{"binding": "DB", "database_name": "shop", "database_id": "0000"}]}',
		'migrations/0001_start.sql': 'CREATE TABLE item (id INTEGER PRIMARY KEY);',
	});
	createLocalD1(project, 'shop');
	const ui = open(project);
	await ui.waitFor('❯ Set up for D1 shop');
	ui.press(keys.enter);
	await ui.waitFor('❯ TypeScript');
	ui.press(keys.down, keys.down);
	await ui.waitFor('❯ None');
	ui.press(keys.enter);
	await ui.waitFor(/1 pending/);
	ui.press('q');
	expect(await ui.exited).toBe(0);
	expect(project.read('migrate.toml')).toContain(
		'db_path = "d1-local:shop"\nmigrations_dir = "./migrations"\nmodels_dir = "./models"\nformat = "wrangler"',
	);
	expect(flat(ui.everything())).toContain('lite-migr init --db d1-local:shop');
});

story('the first start in a project of wrangler says first how wrangler creates the local database', async ({open}) => {
	const project = projectFolder({'wrangler.jsonc': '{"d1_databases": [{"binding": "DB", "database_name": "shop", "database_id": "0000"}]}'});
	const command = 'wrangler d1 execute shop --local --command "SELECT 1"';
	for (const argv of [[], ['init', '--db', 'd1-local:shop']]) {
		const ui = open(project, ...argv);
		if (argv.length === 0) {
			expect(flat(await ui.waitFor('❯ Set up for D1 shop'))).toContain('wrangler.jsonc, not created on this machine yet');
			ui.press(keys.enter);
		}
		expect(flat(await ui.waitFor('r try again'))).toContain(`run ${command}`);
		ui.press('y');
		await ui.waitFor('copied the command');
		expect(ui.written()).toContain(`\u001b]52;c;${Buffer.from(command).toString('base64')}\u0007`);
		ui.press('r');
		await ui.still();
		expect(ui.frame()).toContain('r try again');
		ui.press(keys.escape);
		if (argv.length === 0) {
			await ui.waitFor('❯ Set up for D1 shop');
			ui.press(keys.escape);
		}
		expect(await ui.exited).toBe(argv.length === 0 ? 0 : 130);
		expect(project.files('.')).toEqual(['wrangler.jsonc']);
	}
	const ui = open(project, 'init', '--db', 'd1-local:shop');
	await ui.waitFor('r try again');
	createLocalD1(project, 'shop');
	ui.press('r');
	await ui.waitFor('❯ TypeScript');
	ui.press(keys.enter);
	expect(await ui.exited).toBe(0);
	expect(flat(ui.everything())).toMatch(/same as:? lite-migr init --db d1-local:shop without models\/user\.ts/);
	expect(project.read('migrate.toml')).toContain('db_path = "d1-local:shop"');
});

story('the first start next to a Drizzle schema and its database adopts it with the schema', async ({open}) => {
	const project = projectFolder({
		'drizzle.config.ts':
			"export default {dialect: 'sqlite', schema: './src/tables.ts', casing: 'snake_case', dbCredentials: {url: 'file:data/shop.db'}};",
		'src/tables.ts': `import {integer, sqliteTable, text} from 'drizzle-orm/sqlite-core';
			export const user = sqliteTable('user', {id: integer().primaryKey(), fullName: text().notNull(), isNew: integer({mode: 'boolean'}).default(true)});`,
		'data/.keep': '',
	});
	mkdirSync(project.at('node_modules'));
	symlinkSync(join(import.meta.dirname, '../../../node_modules/drizzle-orm'), project.at('node_modules/drizzle-orm'), 'dir');
	const db = openDatabase(project.at('data/shop.db'), {create: true});
	db.exec(
		"CREATE TABLE `user` (`id` integer PRIMARY KEY NOT NULL, `full_name` text NOT NULL, `is_new` integer DEFAULT true); INSERT INTO user VALUES (1, 'Ann Lee', 0)",
	);
	db.close();
	const ui = open(project);
	expect((await ui.waitFor('❯ Adopt it with')).replace(/\s+/g, ' ')).toMatch(/data\/shop\.db .*❯ Adopt it with \.\/src\/tables\.ts/);
	ui.press(keys.enter);
	await ui.waitFor('enter use start');
	ui.press(keys.enter);
	await ui.waitFor(/1 applied/);
	ui.press('q');
	expect(await ui.exited).toBe(0);
	expect(project.read('migrate.toml')).toBe(
		'[migrate]\ndb_path = "data/shop.db"\nmigrations_dir = "./migrations"\nmodels_dir = "./src/tables.ts"\ncasing = "snake_case"\n',
	);
	expect(await project.builtLite('check')).toMatchObject({code: 0, stdout: '✔ models, migrations and data/shop.db agree\n'});
});
