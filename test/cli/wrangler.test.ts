import {describe, expect, test} from 'vitest';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';

const models = `CREATE TABLE user (id INTEGER PRIMARY KEY, email TEXT, boss_id INTEGER REFERENCES user (id) ON DELETE CASCADE);
CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user (id) ON DELETE CASCADE, title TEXT);
CREATE TABLE note (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user (id) ON DELETE SET NULL);
CREATE TABLE log (what TEXT);
CREATE TRIGGER post_gone BEFORE DELETE ON post BEGIN INSERT INTO log VALUES ('gone'); END;
`;
const changed = models.replace('email TEXT', 'mail TEXT NOT NULL UNIQUE');
const rows = `INSERT INTO user VALUES (1, 'a', NULL), (2, 'b', 1); INSERT INTO post VALUES (1, 1, 'x'), (2, 2, 'y'); INSERT INTO note VALUES (1, 1), (2, 2)`;

function start(schema = models, config = `${toml}format = "wrangler"\n`): ProjectFolder {
	return projectFolder({'migrate.toml': config, 'models/schema.sql': schema});
}

/** Does what \`wrangler d1 migrations apply\` does: runs each new file and records it, in one transaction with foreign keys on. */
function wranglerApply({files, read, exec, all}: ProjectFolder): void {
	exec(
		'CREATE TABLE IF NOT EXISTS d1_migrations(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
	);
	const applied = all('SELECT name FROM d1_migrations').map(({name}) => name);
	for (const file of files('migrations').filter((name) => name.endsWith('.sql') && !applied.includes(name))) {
		exec(`BEGIN; ${read(`migrations/${file}`)}\nINSERT INTO d1_migrations (name) values ('${file}'); COMMIT`);
	}
}

async function succeeds(project: ProjectFolder, ...argv: readonly string[]): Promise<string> {
	const {code, stdout, stderr} = await project.lite(...argv);
	expect(`${code} ${stderr}`).toBe('0 ');
	return stdout;
}

const history = ({all}: ProjectFolder) => all('SELECT name FROM d1_migrations ORDER BY id').map(({name}) => name);
const contents = ({all}: ProjectFolder) => ['user', 'post', 'note', 'log'].map((table) => all(`SELECT * FROM ${table} ORDER BY 1`));

/** A project whose two migrations are written, and whose rows were added between them. */
async function twoMigrations(): Promise<ProjectFolder> {
	const project = start();
	await succeeds(project, 'create', 'start');
	wranglerApply(project);
	project.exec(rows);
	project.write('models/schema.sql', changed);
	await succeeds(project, 'create', 'mail', '--rename', 'user.email=mail');
	return project;
}

const kept = [
	[
		{id: 1, mail: 'a', boss_id: null},
		{id: 2, mail: 'b', boss_id: 1},
	],
	[
		{id: 1, user_id: 1, title: 'x'},
		{id: 2, user_id: 2, title: 'y'},
	],
	[
		{id: 1, user_id: 1},
		{id: 2, user_id: 2},
	],
	[],
];

describe('with format = "wrangler"', () => {
	test('create writes a numbered file, and the downgrade where wrangler does not look', async () => {
		const project = start();
		const written = await succeeds(project, 'create', 'start');
		expect(written).toContain('✔ wrote migrations/0001_start.sql\n  and migrations/down/0001_start.sql');
		expect(project.files('migrations')).toEqual(['0001_start.sql', 'down']);
		expect(project.read('migrations/0001_start.sql')).toContain('CREATE TABLE post');
		expect(project.read('migrations/0001_start.sql')).not.toContain('_lite_migr');
		expect(project.read('migrations/down/0001_start.sql')).toContain('DROP TABLE post');
	});

	test('wrangler keeps all rows of children, and both tools agree afterwards', async () => {
		const project = await twoMigrations();
		expect(await succeeds(project, 'status')).toMatch(/● 0001_start[\s\S]*○ 0002_mail {4}pending/);
		wranglerApply(project);
		expect(contents(project)).toEqual(kept);
		expect(await succeeds(project, 'check')).toBe('✔ models, migrations and app.db agree\n');
		expect(JSON.parse(await succeeds(project, 'status', '--json'))).toMatchObject({
			applied: [{name: '0001_start'}, {name: '0002_mail', checksum: null}],
			pending: [],
			missing: [],
			inSync: true,
		});
		expect(await succeeds(project, 'upgrade')).toContain('nothing is pending');
	});

	test('the preview shows the copy that the file makes, even if this SQLite could change the table in place', async () => {
		const project = start();
		await succeeds(project, 'create', 'start');
		wranglerApply(project);
		project.write('models/schema.sql', models.replace('title TEXT', 'title TEXT NOT NULL'));
		expect(await succeeds(project, 'diff')).toMatch(/~ post +rewrite/);
		await succeeds(project, 'create', 'title');
		expect(project.read('migrations/0002_title.sql')).toContain('-- post: copy rows: title NOT NULL');
	});

	test('upgrade and downgrade record in the table of wrangler, and write no other history', async () => {
		const project = await twoMigrations();
		await succeeds(project, 'upgrade');
		expect(contents(project)).toEqual(kept);
		expect(history(project)).toEqual(['0001_start.sql', '0002_mail.sql']);
		wranglerApply(project);
		await succeeds(project, 'check');
		await succeeds(project, 'downgrade');
		expect(history(project)).toEqual(['0001_start.sql']);
		expect(project.all('SELECT email FROM user')).toEqual([{email: 'a'}, {email: 'b'}]);
		wranglerApply(project);
		expect(contents(project)).toEqual(kept);
		expect(project.value("SELECT count(*) FROM sqlite_schema WHERE name LIKE '%lite_migr%'")).toBe(0);
	});

	test('upgrade creates the table of wrangler in a new database', async () => {
		const project = start();
		await succeeds(project, 'create', 'start');
		await succeeds(project, 'upgrade');
		expect(history(project)).toEqual(['0001_start.sql']);
		wranglerApply(project);
		await succeeds(project, 'check');
	});

	test('a file stops in wrangler if its table has got another child since it was written', async () => {
		const project = await twoMigrations();
		project.exec('CREATE TABLE late (user_id INTEGER REFERENCES user ON DELETE CASCADE); INSERT INTO late SELECT id FROM user');
		expect(() => wranglerApply(project)).toThrow('lite-migr: other tables refer to user than those that this migration was written for');
		expect(history(project)).toEqual(['0001_start.sql']);
		expect(project.value('SELECT count(*) FROM late')).toBe(2);
	});

	test('a file stops in wrangler if its table has got another column since it was written', async () => {
		const project = await twoMigrations();
		project.exec('ALTER TABLE user ADD COLUMN age INTEGER; UPDATE user SET age = 7');
		expect(() => wranglerApply(project)).toThrow('lite-migr: user does not have the columns that this migration was written for');
		expect(history(project)).toEqual(['0001_start.sql']);
		expect(project.all('SELECT age FROM user')).toEqual([{age: 7}, {age: 7}]);
		const upgrade = await project.lite('upgrade');
		expect(upgrade.code).toBe(1);
		expect(upgrade.stderr).toContain('0002_mail was written for a different definition of user');
	});

	test('upgrade asks before data is lost, as with the other formats', async () => {
		const project = await twoMigrations();
		wranglerApply(project);
		project.write('models/schema.sql', changed.replace(', title TEXT', ''));
		await succeeds(project, 'create', 'untitled', '--drop', 'post.title');
		expect((await project.lite('upgrade')).code).toBe(3);
		expect(history(project)).toHaveLength(2);
		await succeeds(project, 'upgrade', '--yes');
		expect(history(project)).toHaveLength(3);
	});

	test('restore names the migrations that are pending again, and asks nothing about the table of wrangler', async () => {
		const project = await twoMigrations();
		await succeeds(project, 'upgrade');
		const {code, stdout} = await project.lite('restore', '--json');
		const [{id}] = JSON.parse(stdout).backups;
		expect(code).toBe(0);
		const restored = JSON.parse(await succeeds(project, 'restore', id, '--yes', '--json'));
		expect(restored).toMatchObject({migrations: ['0002_mail'], losesRows: false, restored: {currentMigration: '0001_start'}});
		expect(restored.tables.map(({name}: {readonly name: string}) => name)).not.toContain('d1_migrations');
		expect(history(project)).toEqual(['0001_start.sql']);
	});

	test('upgrade --sql prints the rows of the table of wrangler', async () => {
		const project = await twoMigrations();
		const sql = await succeeds(project, 'upgrade', '--sql', '--engine', 'd1');
		expect(sql).toContain(`INSERT INTO "d1_migrations" (name) VALUES ('0002_mail.sql');`);
		project.exec(`BEGIN; ${sql}; COMMIT`);
		expect(contents(project)).toEqual(kept);
		await succeeds(project, 'check');
	});

	test('an empty migration has two files', async () => {
		const project = start();
		const written = JSON.parse(await succeeds(project, 'create', 'backfill', '--empty', '--json'));
		expect(written).toMatchObject({migration: '0001_backfill', downgradePath: expect.stringMatching(/down\/0001_backfill\.sql$/)});
		expect(project.files('migrations/down')).toEqual(['0001_backfill.sql']);
		wranglerApply(project);
		expect(await succeeds(project, 'downgrade')).toContain('undone');
		expect(history(project)).toEqual([]);
	});

	test.each([
		['0001_a.sql', 'CREATE TABLE t (x);\n-- downgrade\nDROP TABLE t;\n', 'is a section marker, but wrangler runs the whole file'],
		['0001_a.ts', 'export function upgrade() {}\n', 'wrangler does not run 0001_a.ts'],
		['start.sql', 'CREATE TABLE t (x);\n', 'but wrangler would run it'],
	])('a file that wrangler would treat differently is refused: %s', async (name, text, message) => {
		const project = start();
		project.write(`migrations/${name}`, text);
		const {code, stderr} = await project.lite('upgrade');
		expect(code).not.toBe(0);
		expect(stderr).toContain(message);
	});

	test('names that wrangler would sort differently are refused', async () => {
		const project = start();
		project.write('migrations/10_a.sql', 'CREATE TABLE a (x);');
		project.write('migrations/9_b.sql', 'CREATE TABLE b (x);');
		expect((await project.lite('status')).stderr).toContain('wrangler sorts migrations by number');
	});

	test('baseline adopts tables and changes that are in no migration, without a downgrade', async () => {
		const project = start();
		project.exec(`${models}; ${rows}`);
		await succeeds(project, 'baseline', 'start');
		expect(project.files('migrations')).toEqual(['0001_start.sql']);
		expect(history(project)).toEqual(['0001_start.sql']);
		await succeeds(project, 'check');
		project.exec('ALTER TABLE post ADD COLUMN age INTEGER');
		project.write('models/schema.sql', models.replace('title TEXT', 'title TEXT, age INTEGER'));
		await succeeds(project, 'baseline', 'age');
		expect(history(project)).toEqual(['0001_start.sql', '0002_age.sql']);
		await succeeds(project, 'check');
		wranglerApply(project);
		expect((await project.lite('downgrade', '--yes')).stderr).toContain('0002_age cannot be undone: it has no downgrade');
		expect(project.value('SELECT count(*) FROM post')).toBe(2);
	});

	test('an import, squash and a different format are refused', async () => {
		const project = await twoMigrations();
		for (const argv of [
			['baseline', '--from', 'migrations'],
			['squash', 'start'],
			['create', 'x', '--format', 'ts'],
		])
			expect((await project.lite(...argv)).code).toBe(2);
	});
});

test('the folder of Drizzle that wrangler applies has its history in the table of wrangler', async () => {
	const project = start('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\nCREATE UNIQUE INDEX user_name ON user (name);\n');
	project.write(
		'migrations/0000_wet_hulk.sql',
		'CREATE TABLE `user` (\n\t`id` integer PRIMARY KEY,\n\t`name` text NOT NULL\n);\n--> statement-breakpoint\nCREATE UNIQUE INDEX `user_name` ON `user` (`name`);\n',
	);
	project.write('migrations/meta/_journal.json', '{"entries": []}');
	wranglerApply(project);
	expect(await succeeds(project, 'check')).toBe('✔ models, migrations and app.db agree\n');
	project.write(
		'models/schema.sql',
		'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER);\nCREATE UNIQUE INDEX user_name ON user (name);\n',
	);
	await succeeds(project, 'create', 'age');
	expect(project.files('migrations')).toContain('0001_age.sql');
	wranglerApply(project);
	await succeeds(project, 'check');
});

test('a database with a history of lite-migr is not taken for one without migrations', async () => {
	const project = start(models, toml);
	await succeeds(project, 'create', 'start');
	await succeeds(project, 'upgrade');
	project.write('migrate.toml', `${toml}format = "wrangler"\n`);
	project.remove(`migrations/${project.files('migrations')[0]}`);
	const {code, stderr} = await project.lite('status');
	expect(code).toBe(1);
	expect(stderr).toContain('✗ the applied migrations are in _lite_migr, but format = "wrangler" reads d1_migrations');
});

test('--format wrangler overrides the format for one command', async () => {
	const project = start(models, toml);
	expect(await succeeds(project, 'create', 'start', '--format', 'wrangler')).toContain('wrote migrations/0001_start.sql');
	wranglerApply(project);
	expect(await succeeds(project, 'diff', '--format', 'wrangler')).toContain('no differences');
});

test('a local database of wrangler is called by its name, not by the hash that is the name of its file', async () => {
	const file = '.wrangler/state/v3/d1/miniflare-D1DatabaseObject/093e3a46fe59ee512c643125a5b46684503341c34b1fb4e6c9f924d6e64174ba.sqlite';
	const project = projectFolder({
		'migrate.toml': toml.replace('./app.db', 'd1-local:shop'),
		'wrangler.json': JSON.stringify({d1_databases: [{binding: 'DB', database_name: 'shop', database_id: 'abc-def'}]}),
		'models/schema.sql': 'CREATE TABLE user (id INTEGER PRIMARY KEY);',
		[file]: '',
	});
	await succeeds(project, 'create', 'start');
	const printed = [await succeeds(project, 'status'), await succeeds(project, 'upgrade'), await succeeds(project, 'check')];
	for (const text of printed) expect(text).toContain('d1-local:shop');
	project.migration('29990101_000000_bad.sql', 'INSERT INTO nowhere VALUES (1);');
	const failed = await project.lite('upgrade');
	expect(failed).toMatchObject({code: expect.any(Number), stderr: expect.stringContaining('no such table: nowhere')});
	const events = await project.lite('upgrade', '--json');
	expect(events.stdout).toContain('"message":"no such table: nowhere"');
	project.remove('migrations/29990101_000000_bad.sql');
	project.write(file, 'not a database');
	const broken = await project.lite('status');
	expect(broken).toMatchObject({code: 1, stderr: expect.stringContaining('d1-local:shop')});
	const all = [...printed, failed.stdout, failed.stderr, broken.stdout, broken.stderr, (await project.lite('status', '--json')).stdout].join('');
	// Only the path of a backup has it.
	expect(all).not.toMatch(/093e3a46[0-9a-f]+\.sqlite/);
});
