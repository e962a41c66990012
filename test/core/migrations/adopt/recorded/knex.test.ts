import {describe, expect, test} from 'vitest';
import {contentOf, toolProject, withKnex} from './tool-project.ts';

const accounts = `
	exports.up = async (knex) => {
		await knex.schema.createTable('users', (table) => {
			table.increments('id');
			table.string('name').notNullable();
			table.string('email').unique();
			table.integer('age').defaultTo(18);
			table.boolean('active').defaultTo(true);
			table.timestamps(true, true);
		});
		await knex.schema.createTable('posts', (table) => {
			table.increments();
			table.integer('user_id').unsigned().references('id').inTable('users').onDelete('CASCADE');
			table.text('body');
			table.json('meta');
			table.binary('image');
			table.decimal('price', 10, 2);
			table.index(['user_id', 'price']);
		});
		await knex.schema.createTable('tags', (table) => {
			table.string('slug').primary();
			table.enu('kind', ['a', 'b']).defaultTo('a');
		});
	};
	exports.down = async (knex) => {
		await knex.schema.dropTable('tags').dropTable('posts').dropTable('users');
	};
`;

const seeds = `
	exports.up = async function (knex) {
		await knex('users').insert([
			{id: 101, name: "O'Neil; -- downgrade", email: null, age: 70, active: false},
			{id: 102, name: '日本 \\u0000 \\n-- upgrade', email: 'b@x', age: 3},
		]);
		await knex.batchInsert('tags', Array.from({length: 25}, (_, index) => ({slug: 'tag' + index, kind: index % 2 ? 'a' : 'b'})), 10);
		await knex('posts').insert({id: 107, user_id: 102, body: 'x', meta: JSON.stringify({a: [1]}), image: Buffer.from([0, 255]), price: 9.5});
	};
	exports.down = async function (knex) {
		await knex('posts').where({id: 107}).del();
		await knex('tags').where('slug', 'like', 'tag%').del();
		await knex('users').whereIn('id', [101, 102]).del();
	};
`;

const alter = `
	exports.up = async (knex) => {
		await knex.schema.alterTable('users', (table) => {
			table.string('nick', 40);
			table.string('age').notNullable().defaultTo('none').alter();
			table.renameColumn('email', 'mail');
		});
		await knex.schema.alterTable('users', (table) => table.dropColumn('active'));
		await knex.schema.alterTable('posts', (table) => {
			table.dropForeign('user_id');
			table.dropIndex(['user_id', 'price']);
		});
		await knex.schema.alterTable('posts', (table) => {
			table.foreign('user_id').references('users.id').onDelete('SET NULL');
			table.unique(['user_id', 'body']);
		});
		await knex.schema.renameTable('tags', 'labels');
	};
	exports.down = async (knex) => { await knex.schema.table('users', (table) => table.dropColumn('nick')); };
`;

const raw = `
	exports.up = async function (knex) {
		await knex.raw('CREATE VIEW adults AS SELECT * FROM users WHERE age > 17');
		await knex.raw("CREATE TRIGGER touched AFTER UPDATE ON labels BEGIN UPDATE labels SET kind = 'b' WHERE slug = new.slug; END");
		await knex('users').where('age', '<', 5).orWhere({name: 'late'}).update({nick: 'kid', age: 5});
		await knex('labels').where({slug: 'tag1'}).update({kind: 'a'});
		await knex('labels').where('slug', 'tag2').del();
		await knex.into(knex.raw('posts (user_id, body)')).insert(knex.select('id', 'name').from('users'));
		if (!(await knex.schema.hasTable('notes'))) await knex.schema.createTable('notes', (table) => table.text('text'));
		if (!(await knex.schema.hasColumn('posts', 'score'))) await knex.schema.table('posts', (table) => table.float('score').defaultTo(1.5));
		await knex('notes').insert({text: 12});
	}
	exports.down = async function (knex) {
		await knex.raw('DROP VIEW adults');
	}
`;

const story = {
	'20260101000000_accounts.js': accounts,
	'20260102000000_seeds.js': seeds,
	'20260103000000_alter.js': alter,
	'20260104000000_raw.js': raw,
};

const between = [
	'',
	"INSERT INTO users (name, email) VALUES ('early', 'e@x'); INSERT INTO posts (user_id, body) VALUES (1, 'first')",
	"INSERT INTO users (name, age, email) VALUES ('mid', 4, 'm@x'), ('mid', 99, NULL); INSERT INTO posts (user_id, price) VALUES (103, 1.25)",
	"INSERT INTO users (name, age) VALUES ('late', '7'); INSERT INTO labels VALUES ('own', 'b')",
	"INSERT INTO notes VALUES ('mine')",
];

async function applied(project: ReturnType<typeof toolProject>, count: number): Promise<void> {
	for (let done = 0; done < count; done++) {
		await withKnex(project, (knex) => knex.migrate.up());
		project.exec(`PRAGMA foreign_keys = OFF; ${between[done + 1]}`);
	}
}

describe('a project of Knex', () => {
	test.each([1, 2, 3, 4])('that has applied %i of 4 migrations is adopted, and upgrade has the effect of knex migrate:latest', async (count) => {
		const [ours, theirs] = [toolProject(story), toolProject(story)];
		await applied(ours, count);
		await applied(theirs, count);
		const before = contentOf(ours);

		const imported = await ours.lite('baseline', '--from', 'theirs');
		expect(imported).toMatchObject({code: 0, stderr: ''});
		expect(imported.stdout).toContain(`imported 4 migrations from Knex: ${count} ${count === 1 ? 'is' : 'are'} marked as applied`);
		expect(contentOf(ours)).toEqual(before);
		expect(await ours.lite('status')).toMatchObject({stdout: expect.stringContaining('no drift, no edited files')});

		expect(await ours.lite('upgrade', '--yes')).toMatchObject({code: 0, stderr: ''});
		await withKnex(theirs, (knex) => knex.migrate.latest());
		expect(contentOf(ours)).toEqual(contentOf(theirs));

		expect(await ours.lite('pull')).toMatchObject({code: 0});
		expect(await ours.lite('check')).toMatchObject({code: 0, stderr: ''});
	});

	test('builds the same new database with lite-migr', async () => {
		const project = toolProject(story);
		await withKnex(project, (knex) => knex.migrate.latest());
		await project.lite('baseline', '--from', 'theirs');
		expect(await project.lite('upgrade', '--db', 'new.db')).toMatchObject({code: 0, stderr: ''});
		expect(contentOf(project, 'new.db')).toEqual(contentOf(project));
	});

	test('keeps the rows that refer to a table that Knex rebuilds, which Knex deletes with foreign keys on', async () => {
		const [ours, theirs] = [toolProject(story), toolProject(story)];
		await applied(ours, 2);
		await applied(theirs, 2);
		const posts = contentOf(ours).posts;
		await ours.lite('baseline', '--from', 'theirs');
		await ours.lite('upgrade', '--to', '20260103000000_alter', '--yes');
		await withKnex(theirs, (knex) => knex.migrate.up(), {foreignKeys: true});
		expect(contentOf(ours).posts).toEqual(posts);
		expect(contentOf(theirs).posts).toEqual([]);
	});

	test('keeps each value in its column in a database with another order of columns', async () => {
		const project = toolProject({
			'0001_t.js':
				"exports.up = (knex) => knex.schema.createTable('t', (table) => { table.text('a'); table.text('b'); table.integer('n'); }); exports.down = () => {};",
			'0002_n.js':
				"exports.up = (knex) => knex.schema.alterTable('t', (table) => { table.text('n').alter(); table.dropColumn('b'); }); exports.down = () => {};",
		});
		await withKnex(project, (knex) => knex.migrate.up());
		await project.lite('baseline', '--from', 'theirs');
		project.exec("DROP TABLE t; CREATE TABLE t (n integer, b text, a text); INSERT INTO t (a, b, n) VALUES ('a', 'b', 1)");
		expect(await project.lite('upgrade', '--yes')).toMatchObject({code: 0});
		expect(project.all('SELECT * FROM t')).toEqual([{a: 'a', n: '1'}]);
	});

	test('gets a downgrade only from a down that restores the schema', async () => {
		const project = toolProject(story);
		await applied(project, 1);
		const {stdout} = await project.lite('baseline', '--from', 'theirs');
		expect(stdout).toContain('20260103000000_alter: has no downgrade, because it does not restore the schema');
		expect(stdout).not.toContain('20260102000000_seeds: has no downgrade');
		const before = contentOf(project);
		expect(await project.lite('upgrade', '--to', '20260102000000_seeds', '--yes')).toMatchObject({code: 0});
		expect(await project.lite('downgrade', '--yes')).toMatchObject({code: 0});
		expect(contentOf(project)).toEqual(before);
	});
});

describe('a migration of Knex', () => {
	const table =
		"exports.up = (knex) => knex.schema.createTable('t', (table) => { table.increments('id'); table.text('x'); table.specificType('y', ''); });";

	async function imported(
		up: string,
		{applied: count = 2, files = {}, dependencies}: {applied?: number; files?: Record<string, string>; dependencies?: Record<string, string>} = {},
	) {
		const project = toolProject(
			{'0001_t.js': `${table} exports.down = async () => {};`, '0002_next.js': `${up}\nexports.down ??= async () => {};`, ...files},
			dependencies,
		);
		for (let done = 0; done < count; done++) await withKnex(project, (knex) => knex.migrate.up());
		const result = await project.lite('baseline', '--from', 'theirs');
		return {project, ...result, text: () => project.read('migrations/0002_next.sql')};
	}

	test('stores numbers as better-sqlite3 binds them', async () => {
		const {project, text} = await imported("exports.up = (knex) => knex('t').insert({id: 1, x: 2, y: 3});");
		expect(text()).toContain('values (1.0, 2.0, 3.0)');
		await project.lite('upgrade', '--db', 'new.db');
		expect(contentOf(project, 'new.db').t).toEqual(["1, '2.0', 3.0"]);
		expect(contentOf(project).t).toEqual(["1, '2.0', 3.0"]);
	});

	test('stores numbers as sqlite3 binds them, if the knexfile names it', async () => {
		const {text} = await imported("exports.up = (knex) => knex('t').insert({id: 1, x: 2, y: 4294967296});", {
			files: {'package.json': '{}', 'knexfile.js': "module.exports = {client: 'sqlite3'};"},
		});
		expect(text()).toContain('values (1, 2, 4294967296.0)');
	});

	test('may contain texts in double quotes and several statements in one text, as sqlite3 reads them', async () => {
		const {text, stdout, stderr} = await imported(
			`exports.up = async (knex) => { await knex.raw('UPDATE t SET x = "text" WHERE x <> "other" AND "x" > 1; DELETE FROM t'); };`,
			{applied: 1, files: {'package.json': '{}', 'knexfile.js': "module.exports = {client: 'sqlite3'};"}},
		);
		expect(stderr).toBe('');
		expect(text()).toContain(`UPDATE t SET x = 'text' WHERE x <> 'other' AND "x" > 1;`);
		expect(text()).not.toContain('DELETE');
		expect(stdout).toContain('0002_next: omitted statements after the first one in a text, which the driver sqlite3 ignores');
	});

	test('is refused if its values depend on an unknown driver', async () => {
		const {code, stderr} = await imported("exports.up = (knex) => knex('t').insert({id: 1, x: 2});", {dependencies: {}});
		expect(code).toBe(1);
		expect(stderr).toContain("write client: 'better-sqlite3' or client: 'sqlite3' into the knexfile");
	});

	test('stores every type of value exactly', async () => {
		const values =
			"[null, 'text', 1.5, -0.25, 9007199254740993n, -9223372036854775808n, true, new Date(86400000), Buffer.from([1, 2]), 1e300, 2 ** 60]";
		const {project, code} = await imported(`exports.up = async (knex) => { for (const y of ${values}) await knex('t').insert({y}); };`);
		expect(code).toBe(0);
		await project.lite('upgrade', '--db', 'new.db');
		expect(contentOf(project, 'new.db')).toEqual(contentOf(project));
	});

	test('is refused while it is pending and reads rows, and the error says how to continue', async () => {
		const {project, code, stderr} = await imported(
			"exports.up = async (knex) => { for (const {id} of await knex('t').select()) await knex('t').where({id}).update({x: 'n' + id}); };",
			{applied: 1},
		);
		expect(code).toBe(1);
		expect(stderr).toContain('0002_next is pending, and what it does depends on the rows of t');
		expect(stderr).toContain('apply it with Knex first (npx knex migrate:latest), and run the import again');
		expect(project.files('.')).not.toContain('migrations');
		await withKnex(project, (knex) => knex.migrate.latest());
		expect(await project.lite('baseline', '--from', 'theirs')).toMatchObject({code: 0});
	});

	test.each([
		[
			'the number of a new row',
			"exports.up = async (knex) => { const [id] = await knex('t').insert({x: 'a'}); await knex('t').insert({x: 'child of ' + id}); };",
		],
		[
			'a returned number',
			"exports.up = async (knex) => { const [{id}] = await knex('t').insert({x: 'a'}).returning('id'); await knex('t').insert({x: 'child of ' + id}); };",
		],
		[
			'the number of changed rows',
			"exports.up = async (knex) => { if ((await knex('t').update({x: 'a'})) === 0) await knex('t').insert({x: 'a'}); };",
		],
		[
			'deleted rows',
			"exports.up = async (knex) => { const rows = await knex.raw('DELETE FROM t RETURNING *'); await knex('t').insert({x: 'deleted ' + rows.length}); };",
		],
		[
			'rows copied into a new table',
			"exports.up = async (knex) => { await knex.raw('CREATE TABLE copy AS SELECT * FROM t'); for (const {x} of await knex('copy')) await knex('t').insert({x}); };",
		],
		[
			'rows that a trigger copies into a new table',
			"exports.up = async (knex) => { await knex.schema.createTable('log', (table) => table.text('x')); await knex.raw('CREATE TRIGGER copy AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (old.x); END'); await knex('t').update({x: 'a'}); for (const {x} of await knex('log')) await knex('t').insert({x}); };",
		],
		[
			'numbers that SQLite keeps',
			"exports.up = async (knex) => { const [{seq = 0} = {}] = await knex.raw('SELECT seq FROM sqlite_sequence'); await knex('t').insert({x: 'after ' + seq}); };",
		],
		[
			'a temporary table',
			"exports.up = async (knex) => { await knex.raw('CREATE TEMP TABLE own AS SELECT * FROM t'); for (const {x} of await knex('own')) await knex('t').insert({x}); };",
		],
		[
			'a table that replaces another one',
			"exports.up = async (knex) => { await knex.schema.createTable('u', (table) => table.text('x')); await knex.raw('INSERT INTO u SELECT x FROM t'); await knex.schema.dropTable('t').renameTable('u', 't'); for (const {x} of await knex('t')) await knex('t').insert({x}); };",
		],
	])('is refused while it is pending and depends on %s', async (_, up) => {
		const {code, stderr} = await imported(up, {applied: 1});
		expect(stderr).toContain('0002_next is pending, and what it does depends on the rows of');
		expect(code).toBe(1);
	});

	test.each([
		[
			'reads only the schema',
			"exports.up = async (knex) => { if (await knex.schema.hasColumn('t', 'x')) await knex.schema.table('t', (table) => table.text('z')); await knex('t').columnInfo(); };",
		],
		[
			'reads only rows that it inserted itself',
			"exports.up = async (knex) => { await knex.schema.createTable('own', (table) => { table.increments(); table.text('x'); }); const [id] = await knex('own').insert({x: 'a'}); for (const {x} of await knex('own')) await knex('t').insert({x: x + id}); };",
		],
		[
			'sets the numbers of its rows',
			"exports.up = async (knex) => { const [id] = await knex('t').insert({id: 5}); await knex('t').where({id}).update({x: 'five'}); };",
		],
		[
			'ignores the numbers that it gets',
			"exports.up = async (knex) => { await knex('t').insert({x: 'a'}); await knex('t').where({x: 'a'}).update({y: null}); };",
		],
	])('is imported while it is pending if it %s', async (_, up) => {
		expect(await imported(up, {applied: 1})).toMatchObject({code: 0, stderr: ''});
	});

	test('that is applied and read rows stops in a database with other rows', async () => {
		const {project, stdout} = await imported(
			"exports.up = async (knex) => { for (const {id} of await knex('t')) await knex('t').where({id}).update({x: 'n'}); };",
		);
		expect(stdout).toContain(
			'0002_next: its code depends on the rows of t; the file has the same effect as the code in a new database, and stops in other databases',
		);
		expect(await project.lite('upgrade', '--db', 'new.db')).toMatchObject({code: 0});
		await project.lite('upgrade', '--db', 'old.db', '--to', '0001_t');
		expect(await project.lite('upgrade', '--db', 'old.db')).toMatchObject({code: 0});
		project.remove('old.db');
		await project.lite('upgrade', '--db', 'old.db', '--to', '0001_t');
		await withKnex(project, (knex) => knex('t').insert({x: 'a'}), {file: 'old.db'});
		const {code, stderr} = await project.lite('upgrade', '--db', 'old.db');
		expect(code).toBe(1);
		expect(stderr).toContain('0002_next depends on the rows of t, so apply it with Knex; rows: 1');
	});

	test('that stores a time or a random number is imported with a note', async () => {
		const {project, stdout, text} = await imported(
			"exports.up = (knex) => knex('t').insert({id: 1, x: new Date().getFullYear() + ' ' + Math.random()});",
			{applied: 1},
		);
		expect(stdout).toContain('0002_next: 1 value differs in each run, such as times or random numbers; the file contains those of this import');
		expect(text()).toContain(`'${new Date().getFullYear()} 0.`);
		expect(await project.lite('upgrade')).toMatchObject({code: 0});
	});

	test('that does something else in each run is refused', async () => {
		const {code, stderr} = await imported(
			"let run = 0; exports.up = (knex) => knex.schema.createTable('u' + Date.now(), (table) => table.text('x'));",
			{applied: 1},
		);
		expect(code).toBe(1);
		expect(stderr).toContain('0002_next behaves differently in each run, so it cannot be imported');
	});

	test('is imported without the statements that it rolled back', async () => {
		const {text} = await imported(`exports.up = async (knex) => {
			await knex.transaction(async (trx) => { await trx('t').insert({x: 'gone'}); throw new Error('no'); }).catch(() => {});
			await knex.transaction(async (trx) => { await trx('t').insert({x: 'kept'}); });
			await knex.raw('SELECT no_such_function()').catch(() => {});
		};`);
		expect(text()).toContain('kept');
		expect(text()).not.toMatch(/gone|no_such|SAVEPOINT|BEGIN/i);
	});

	test('is imported without settings of the connection and VACUUM, with a note', async () => {
		const {project, text, stdout, stderr} = await imported(`exports.config = {transaction: false};
		exports.up = async (knex) => { await knex.raw('PRAGMA foreign_keys = OFF'); await knex.raw('PRAGMA journal_mode = WAL'); await knex.raw('VACUUM'); await knex.raw('PRAGMA user_version = 7'); await knex('t').insert({x: 'a'}); };`);
		expect(stderr).toBe('');
		expect(text()).not.toMatch(/foreign_keys|journal_mode|VACUUM/);
		expect(text()).toContain('PRAGMA user_version = 7;');
		expect(stdout).toContain('0002_next: omitted VACUUM, which does not change the content of the database');
		expect(await project.lite('upgrade', '--db', 'new.db')).toMatchObject({code: 0});
		expect(contentOf(project, 'new.db')).toEqual(contentOf(project));
	});

	test('that fails is reported with its line', async () => {
		const {code, stderr} = await imported(
			"exports.up = async (knex) => {\n\tif (process.env.NO_SUCH_VARIABLE === undefined) throw new Error('set NO_SUCH_VARIABLE');\n};",
			{applied: 1},
		);
		expect(code).toBe(1);
		expect(stderr).toContain('0002_next fails on a new database: set NO_SUCH_VARIABLE');
		expect(stderr).toContain('theirs/0002_next.js:2');
	});

	test.each([
		['ends the process', 'process.exit(0);'],
		['awaits a promise that never settles', 'await new Promise(() => {});'],
		['waits for the connection that its own transaction uses', "await knex.schema.createTable('u', () => {});"],
	])('that %s stops the import, and nothing is written', async (_, code) => {
		const project = toolProject({
			'0001_t.js': `exports.config = {transaction: false}; exports.up = async (knex) => { await knex.transaction(async (trx) => { ${code} }); }; exports.down = () => {};`,
		});
		project.exec('CREATE TABLE own (x)');
		const {code: exitCode, stderr} = await project.builtLite('baseline', '--from', 'theirs');
		expect(exitCode).toBe(1);
		expect(stderr).toContain('a migration ended the process, or is waiting for a promise that never settles');
		expect(project.files('.')).not.toContain('migrations');
		expect(project.all('SELECT name FROM sqlite_schema')).toEqual([{name: 'own'}]);
	});

	test('that opens the database itself stops the import if it has changed the database', async () => {
		const {project, code, stderr} = await imported(
			"exports.up = async (knex) => { const db = new (require('better-sqlite3'))(require('path').join(__dirname, '../app.db')); db.exec(\"INSERT INTO t (x) VALUES ('a')\"); db.close(); };",
			{applied: 1},
		);
		expect(code).toBe(1);
		expect(stderr).toContain('the database was changed while the migrations ran in memory');
		expect(project.files('.')).not.toContain('migrations');
	});

	test('is imported with queries that it does not await', async () => {
		const {text} = await imported(
			"exports.config = {transaction: false}; exports.up = async (knex) => { knex('t').insert({x: 'late'}).then(() => {}); };",
			{
				applied: 1,
			},
		);
		expect(text()).toContain('late');
	});

	test('may be TypeScript that imports types only', async () => {
		const project = toolProject({
			'20260101000000_t.ts':
				"import {Knex} from 'knex';\nexport async function up(knex: Knex): Promise<void> {\n\tawait knex.schema.createTable('t', (table) => table.text('x'));\n}\nexport async function down(knex: Knex): Promise<void> {\n\tawait knex.schema.dropTable('t');\n}\n",
		});
		project.exec(
			"CREATE TABLE t (x text); CREATE TABLE knex_migrations (id integer primary key, name text, batch integer, migration_time datetime); INSERT INTO knex_migrations (name) VALUES ('20260101000000_t.js')",
		);
		expect(await project.lite('baseline', '--from', 'theirs')).toMatchObject({
			code: 0,
			stdout: expect.stringContaining('1 is marked as applied, 0 are pending'),
		});
	});
});

describe('the history of Knex', () => {
	const files = {
		'0001_a.js':
			"exports.up = (knex) => knex.schema.createTable('a', (table) => table.text('x')); exports.down = (knex) => knex.schema.dropTable('a');",
		'0002_b.js':
			"exports.up = (knex) => knex.schema.createTable('b', (table) => table.text('x')); exports.down = (knex) => knex.schema.dropTable('b');",
	};

	test('may be in a table of another name, which is not part of a difference', async () => {
		const project = toolProject(files);
		await withKnex(project, (knex) => knex.migrate.up(), {tableName: 'versions'});
		const {stdout} = await project.lite('baseline', '--from', 'theirs');
		expect(stdout).toContain('1 is marked as applied, 1 is pending');
		expect(stdout).toContain('the applied migrations are those in the table versions');
		expect(await project.lite('status')).toMatchObject({stdout: expect.stringContaining('no drift')});
	});

	test('identifies the tool if the migrations do not name it', async () => {
		const project = toolProject({
			'0001_a.js': "exports.up = (db) => db.schema.createTable('a', (table) => table.text('x')); exports.down = () => {};",
		});
		await withKnex(project, (knex) => knex.migrate.up());
		expect(await project.lite('baseline', '--from', 'theirs')).toMatchObject({
			code: 0,
			stdout: expect.stringContaining('imported 1 migration from Knex'),
		});
	});

	test('of several tables is read from the one in the knexfile', async () => {
		const project = toolProject({...files, 'knexfile.js': "module.exports = {migrations: {tableName: 'second'}};"});
		await withKnex(project, (knex) => knex.migrate.up(), {tableName: 'first'});
		project.exec("CREATE TABLE second AS SELECT * FROM first; INSERT INTO first (name) VALUES ('0002_b.js')");
		expect(await project.lite('baseline', '--from', 'theirs')).toMatchObject({
			stdout: expect.stringContaining('1 is marked as applied, 1 is pending'),
		});
	});

	test.each([
		['a file is missing', '0003_c.js', '0003_c is applied according to knex_migrations, but its file is missing'],
		['a pending migration comes before an applied one', '0002_b.js', '0001_a is pending, but 0002_b, which comes after it, is applied'],
	])('is refused if %s', async (_, name, message) => {
		const project = toolProject(files);
		await withKnex(project, (knex) => knex.migrate.up());
		project.exec(`UPDATE knex_migrations SET name = '${name}'`);
		const {code, stderr} = await project.lite('baseline', '--from', 'theirs');
		expect(code).toBe(1);
		expect(stderr).toContain(message);
		expect(project.files('.')).not.toContain('migrations');
	});

	test('keeps the order the migrations were applied in, and is refused with pending ones if that is not the order of their names', async () => {
		const project = toolProject({'2.9.js': files['0001_a.js'], '2.10.js': files['0002_b.js']});
		await withKnex(project, (knex) => knex.migrate.latest());
		project.exec("UPDATE knex_migrations SET name = iif(id = 1, '2.9.js', '2.10.js')");
		const {stdout} = await project.lite('baseline', '--from', 'theirs');
		expect(stdout).toContain('the migrations are in the order they were applied, not in the order of their names');
		expect(project.files('migrations')).toEqual(['0001_2_9.sql', '0002_2_10.sql']);

		const later = toolProject({'2.9.js': files['0001_a.js'], '2.10.js': files['0002_b.js'], '2.91.js': files['0001_a.js'].replaceAll("'a'", "'c'")});
		await withKnex(later, (knex) => knex.migrate.latest());
		later.exec("UPDATE knex_migrations SET name = iif(id = 1, '2.9.js', '2.10.js'); DELETE FROM knex_migrations WHERE id = 3");
		expect(await later.lite('baseline', '--from', 'theirs')).toMatchObject({
			code: 1,
			stderr: expect.stringContaining('2.91 is pending, and Knex has not applied the others in the order of their names'),
		});
	});

	test('is refused if the knexfile changes names, and if the tables have other names', async () => {
		const project = toolProject({...files, 'knexfile.js': 'module.exports = {\n\t...knexSnakeCaseMappers(),\n};'});
		await withKnex(project, (knex) => knex.migrate.up());
		expect(await project.lite('baseline', '--from', 'theirs')).toMatchObject({code: 1, stderr: expect.stringContaining('knexfile.js:2')});
		project.remove('knexfile.js');
		project.exec('ALTER TABLE a RENAME TO renamed');
		expect(await project.lite('baseline', '--from', 'theirs')).toMatchObject({
			code: 1,
			stderr: expect.stringContaining('create tables that the database does not have: a'),
		});
	});

	test('is imported with a note if the database has drifted', async () => {
		const project = toolProject(files);
		await withKnex(project, (knex) => knex.migrate.up());
		project.exec('CREATE INDEX own ON a (x)');
		const {stdout} = await project.lite('baseline', '--from', 'theirs');
		expect(stdout).toContain('the applied migrations build a different schema than the database has (index own is not in the migrations)');
	});

	const rebuild = "exports.up = (knex) => knex.schema.alterTable('a', (table) => { table.string('x', 9).alter(); }); exports.down = () => {};";
	const conditional =
		"exports.up = async (knex) => { if (!(await knex.schema.hasTable('own'))) await knex.schema.createTable('own', (table) => table.text('x')); }; exports.down = () => {};";

	test.each([
		['rebuilds a table that has drifted', rebuild, 'ALTER TABLE a ADD COLUMN own', 'table a differs: + own'],
		['looks for a table that is not in the migrations', conditional, 'CREATE TABLE own (x)', 'table own is not in the migrations'],
	])('is refused if a pending migration %s', async (_, text, drift, message) => {
		const project = toolProject({'0001_a.js': files['0001_a.js'], '0002_next.js': text});
		await withKnex(project, (knex) => knex.migrate.up());
		project.exec(drift);
		const {code, stderr} = await project.lite('baseline', '--from', 'theirs');
		expect(code).toBe(1);
		expect(stderr).toContain('0002_next is pending, and it behaves differently in this database than in a new one');
		expect(stderr).toContain(message);
		await withKnex(project, (knex) => knex.migrate.up());
		expect(await project.lite('baseline', '--from', 'theirs')).toMatchObject({code: 0});
	});

	test.each([rebuild, conditional])('is imported if a pending migration is not affected by the drift', async (text) => {
		const project = toolProject({'0001_a.js': files['0001_a.js'], '0002_next.js': text});
		await withKnex(project, (knex) => knex.migrate.up());
		project.exec("INSERT INTO a VALUES ('kept'); CREATE TABLE sessions (id); INSERT INTO sessions VALUES (1)");
		expect(await project.lite('baseline', '--from', 'theirs')).toMatchObject({code: 0, stderr: ''});
		expect(await project.lite('upgrade')).toMatchObject({code: 0});
		expect(contentOf(project)).toMatchObject({a: ["'kept'"], sessions: ['1']});
	});

	test('is refused without Knex in the project, with the command that installs it', async () => {
		const project = toolProject(files);
		project.exec('SELECT 1');
		project.remove('node_modules');
		const {code, stderr} = await project.lite('baseline', '--from', 'theirs');
		expect(code).toBe(2);
		expect(stderr).toContain('Knex is not installed in the project');
		expect(stderr).toContain('run npm install knex, or adopt the database without its history: lite-migr baseline <name>');
	});
});
