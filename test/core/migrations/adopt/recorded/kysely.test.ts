import {describe, expect, test} from 'vitest';
import {contentOf, migrateKysely, migrateKyselyAlone, toolProject} from './tool-project.ts';

const header = "import {Kysely, sql} from 'kysely';\n";
const users = `${header}
	export async function up(db: Kysely<any>): Promise<void> {
		await db.schema
			.createTable('users')
			.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
			.addColumn('name', 'text', (column) => column.notNull())
			.addColumn('created_at', 'text', (column) => column.defaultTo(sql\`CURRENT_TIMESTAMP\`).notNull())
			.execute();
		await db.schema
			.createTable('posts')
			.addColumn('id', 'text', (column) => column.primaryKey())
			.addColumn('user_id', 'integer', (column) => column.references('users.id').onDelete('cascade').notNull())
			.addColumn('body', 'text')
			.addColumn('rank', 'real')
			.addCheckConstraint('rank_positive', sql\`rank >= 0\`)
			.execute();
		await db.schema.createIndex('posts_user').on('posts').columns(['user_id', 'rank desc']).execute();
	}

	export async function down(db: Kysely<any>): Promise<void> {
		await db.schema.dropTable('posts').execute();
		await db.schema.dropTable('users').execute();
	}
`;

const seeds = `${header}
	export async function up(db: Kysely<any>): Promise<void> {
		await db.transaction().execute(async (trx) => {
			await trx.insertInto('users').values([{id: 101, name: "O'Neil"}, {id: 102, name: '-- downgrade'}]).execute();
			await trx.insertInto('posts').values({id: 'a', user_id: 101, body: null, rank: 1.5}).execute();
		});
		await sql\`CREATE TRIGGER named AFTER INSERT ON users BEGIN UPDATE users SET name = trim(name) WHERE id = new.id; END\`.execute(db);
	}

	export async function down(db: Kysely<any>): Promise<void> {
		await sql\`DROP TRIGGER named\`.execute(db);
		await db.deleteFrom('posts').where('id', '=', 'a').execute();
		await db.deleteFrom('users').where('id', 'in', [101, 102]).execute();
	}
`;

const alter = `${header}
	export async function up(db: Kysely<any>): Promise<void> {
		await db.schema.alterTable('users').addColumn('age', 'integer', (column) => column.defaultTo(18)).execute();
		await db.schema.alterTable('users').renameColumn('name', 'title').execute();
		await db.schema.alterTable('posts').dropColumn('body').execute();
		await db.updateTable('users').set((eb) => ({age: eb('age', '/', 4)})).where('title', 'like', '%e%').execute();
		await db.insertInto('posts').columns(['id', 'user_id', 'rank']).expression(db.selectFrom('users').select([sql<string>\`'u' || id\`.as('id'), 'id as user_id', 'age as rank'])).execute();
	}

	export async function down(): Promise<void> {
		throw new Error('there is no way back');
	}
`;

const view = `${header}
	export async function up(db: Kysely<any>): Promise<void> {
		await db.schema.createView('adults').as(db.selectFrom('users').selectAll().where('age', '>', 17)).execute();
	}

	export async function down(db: Kysely<any>): Promise<void> {
		await db.schema.dropView('adults').execute();
	}
`;

const story = {
	'2026-01-01_users.ts': users,
	'2026-01-02_seeds.ts': seeds,
	'2026-01-03_alter.ts': alter,
	'2026-01-04_view.ts': view,
	'package.json': JSON.stringify({type: 'module', dependencies: {'better-sqlite3': '*'}}),
};

const names = Object.keys(story)
	.slice(0, 4)
	.map((name) => name.replace('.ts', ''));

const between = [
	"INSERT INTO users (name) VALUES ('early'); INSERT INTO posts VALUES ('own', 1, 'text', 2)",
	"INSERT INTO users (name) VALUES (' middle ')",
	"INSERT INTO users (title, age) VALUES ('late', 3)",
	"INSERT INTO users (title) VALUES ('last')",
];

describe('a project of Kysely', () => {
	test.each([1, 2, 3, 4])('that has applied %i of 4 migrations is adopted, and upgrade has the effect of migrateToLatest', async (count) => {
		const [ours, theirs] = [toolProject(story), toolProject(story)];
		for (const project of [ours, theirs]) {
			for (const [index, name] of names.slice(0, count).entries()) {
				await migrateKysely(project, name);
				project.exec(between[index] ?? '');
			}
		}
		const before = contentOf(ours);

		const imported = await ours.lite('baseline', '--from', 'theirs');
		expect(imported).toMatchObject({code: 0, stderr: ''});
		expect(imported.stdout).toContain(`imported 4 migrations from Kysely: ${count} ${count === 1 ? 'is' : 'are'} marked as applied`);
		expect(contentOf(ours)).toEqual(before);
		expect(await ours.lite('status')).toMatchObject({stdout: expect.stringContaining('no drift, no edited files')});

		expect(await ours.lite('upgrade', '--yes')).toMatchObject({code: 0, stderr: ''});
		await migrateKysely(theirs);
		expect(contentOf(ours)).toEqual(contentOf(theirs));

		expect(await ours.lite('pull')).toMatchObject({code: 0});
		expect(await ours.lite('check')).toMatchObject({code: 0, stderr: ''});
	});

	test('builds the same new database with lite-migr, and gets a downgrade from each down that restores the schema', async () => {
		const project = toolProject(story);
		await migrateKysely(project);
		const {stdout} = await project.lite('baseline', '--from', 'theirs');
		expect(stdout).toContain('0003_2026-01-03_alter: has no downgrade, because it fails: there is no way back');
		expect(await project.lite('upgrade', '--db', 'new.db')).toMatchObject({code: 0, stderr: ''});
		expect(contentOf(project, 'new.db')).toEqual(contentOf(project));
		const files = project.files('migrations').map((file) => project.read(`migrations/${file}`).includes('-- downgrade\n'));
		expect(files).toEqual([true, true, false, true]);
	});
});

describe('a migration of Kysely', () => {
	const table = `${header}export async function up(db: Kysely<any>) { await db.schema.createTable('t').addColumn('id', 'integer', (column) => column.primaryKey()).addColumn('x', 'text').execute(); }`;

	async function imported(up: string, count = 1) {
		const project = toolProject({
			'package.json': '{"type": "module"}',
			'001_t.ts': table,
			'002_next.ts': `${header}export async function up(db: Kysely<any>) {\n${up}\n}`,
		});
		await migrateKysely(project, ['001_t', '002_next'][count - 1]);
		return {project, ...(await project.lite('baseline', '--from', 'theirs'))};
	}

	test.each([
		['reads rows', "if ((await db.selectFrom('t').selectAll().execute()).length === 0) await db.insertInto('t').values({x: 'a'}).execute();"],
		['fails without rows', "await db.selectFrom('t').selectAll().executeTakeFirstOrThrow();"],
		['streams rows', "for await (const {id} of db.selectFrom('t').select('id').stream()) await db.deleteFrom('t').where('id', '=', id).execute();"],
		[
			'uses the number of a new row',
			"const {insertId} = await db.insertInto('t').values({x: 'a'}).executeTakeFirstOrThrow(); await db.insertInto('t').values({x: String(insertId)}).execute();",
		],
		[
			'uses a returned number',
			"const {id} = await db.insertInto('t').values({x: 'a'}).returning('id').executeTakeFirstOrThrow(); await db.insertInto('t').values({x: String(id)}).execute();",
		],
		[
			'uses the number of changed rows',
			"const {numUpdatedRows} = await db.updateTable('t').set({x: 'a'}).executeTakeFirstOrThrow(); if (numUpdatedRows > 0n) await db.deleteFrom('t').execute();",
		],
	])('is refused while it is pending if it %s', async (_, up) => {
		const {project, code, stderr} = await imported(up);
		expect(code).toBe(1);
		expect(stderr).toMatch(
			/002_next is pending, and what it does depends on the rows of t|002_next fails on a new database: no result\n.*\n.*before that, it reads rows of t/,
		);
		expect(project.files('.')).not.toContain('migrations');
	});

	test('may look at the schema', async () => {
		expect(
			await imported(
				"if (!(await db.introspection.getTables()).some(({name}) => name === 'u')) await db.schema.createTable('u').addColumn('x', 'text').execute();",
			),
		).toMatchObject({code: 0, stderr: ''});
	});

	test('may be CommonJS or a default export, and a file without migration is skipped', async () => {
		const project = toolProject({
			'001_a.js':
				"const {sql} = require('kysely'); exports.up = async (db) => { await db.schema.createTable('a').addColumn('x', 'text', (column) => column.defaultTo(sql`'y'`)).execute(); };",
			'002_b.mjs': "export default {up: (db) => db.schema.createTable('b').addColumn('x', 'text').execute()};",
			'000_shared.mts': 'export const shared = 1;',
		});
		migrateKyselyAlone(project);
		expect(await project.lite('baseline', '--from', 'theirs')).toMatchObject({
			code: 0,
			stdout: expect.stringContaining('imported 2 migrations from Kysely: 2 are marked'),
		});
		expect(project.files('migrations')).toEqual(['0001_a.sql', '0002_b.sql']);
	});

	test('is refused if a plugin of the application changes names', async () => {
		const project = toolProject({'package.json': '{"type": "module"}', '001_t.ts': table.replace("'t'", "'someTable'")});
		await migrateKysely(project);
		project.exec('ALTER TABLE someTable RENAME TO some_table');
		expect(await project.lite('baseline', '--from', 'theirs')).toMatchObject({code: 1, stderr: expect.stringContaining('CamelCasePlugin')});
	});
});
