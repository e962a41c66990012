import {symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';

const user = (more = '') => `CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL${more});\n`;

async function done(project: ProjectFolder, ...argv: readonly string[]): Promise<string> {
	const finished = await project.lite(...argv);
	expect(finished, argv.join(' ')).toMatchObject({code: 0, stderr: ''});
	return finished.stdout;
}

describe('squash', () => {
	test('combines applied migrations, and later commands work as before', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': user()});
		await done(project, 'create', 'start');
		await done(project, 'upgrade');
		project.database((db) => db.exec("INSERT INTO user (name) VALUES ('Ann')"));
		project.write('models/schema.sql', user(', age INTEGER'));
		await done(project, 'create', 'age');
		await done(project, 'upgrade');
		expect(await done(project, 'squash', 'whole')).toMatch(
			/^✔ wrote migrations\/\d{8}_\d{6}_whole\.ts: replaces 2 migrations, same schema verified by replay\n/,
		);
		expect(project.files('migrations')).toEqual(
			['_squashed', expect.stringMatching(/_whole\.ts$/)].toSorted((a, b) => (a === '_squashed' ? 1 : b === '_squashed' ? -1 : 0)),
		);
		expect(await done(project, 'check')).toBe('✔ models, migrations and app.db agree\n');
		expect(JSON.parse(await done(project, 'status', '--json'))).toMatchObject({
			applied: [{name: expect.stringMatching(/_whole$/)}],
			pending: [],
			missing: [],
			inSync: true,
		});
		project.write('models/schema.sql', user(', age INTEGER, city TEXT'));
		await done(project, 'create', 'city');
		await done(project, 'upgrade');
		expect(project.database((db) => db.all('SELECT * FROM user'))).toEqual([{id: 1, name: 'Ann', age: null, city: null}]);
		await done(project, 'upgrade', '--db', 'new.db');
		expect(await done(project, 'check', '--db', 'new.db')).toContain('agree');
	});

	test('reports its result in JSON, and fails if there is nothing to combine', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': user()});
		await done(project, 'create', 'start');
		await done(project, 'upgrade');
		expect(await project.lite('squash', 'whole')).toMatchObject({code: 1, stderr: expect.stringContaining('nothing to squash')});
		expect(await project.lite('squash')).toMatchObject({code: 2});
		await done(project, 'create', 'data', '--empty', '--format', 'sql');
		const [, data = ''] = project.files('migrations');
		project.write(`migrations/${data}`, "-- upgrade\nINSERT INTO user (name) VALUES ('Ann');\n");
		await done(project, 'upgrade');
		const report = JSON.parse(await done(project, 'squash', 'whole', '--without-data', '--json'));
		expect(report).toMatchObject({
			migration: expect.stringMatching(/_whole$/),
			replaces: [expect.any(String), data.replace('.sql', '')],
			omitted: [data.replace('.sql', '')],
		});
	});
});

describe('pull', () => {
	test.each(['ts', 'sql', 'drizzle'])(
		'fixes strings in double quotes in old views and triggers, and omits objects that SQLite cannot read (--format %s)',
		async (format) => {
			const project = projectFolder({'migrate.toml': toml});
			project.database((db) => {
				// SQLite stores views and triggers unchanged. Errors in them only show when they are read or fired.
				db.exec(`CREATE TABLE user (id INTEGER PRIMARY KEY, state TEXT); CREATE TABLE gone (x);
				CREATE VIEW open AS SELECT id, "it's" AS "it's" FROM user WHERE state = "is open" OR "user"."state" = "x";
				CREATE VIEW opener AS SELECT id FROM open;
				CREATE VIEW stale AS SELECT x FROM gone;
				CREATE VIEW staler AS SELECT * FROM stale;
				CREATE TRIGGER seen AFTER INSERT ON user BEGIN UPDATE user SET state = "seen" WHERE id = new."id"; END;
				DROP TABLE gone`);
			});
			symlinkSync(join(import.meta.dirname, '../../node_modules'), join(project.path, 'node_modules'));
			const {code, stdout, stderr} = await project.lite('pull', '--format', format);
			expect({code, stderr}).toEqual({code: 0, stderr: ''});
			expect(stdout.match(/^! .*$/gm)?.filter((line) => / (view|trigger) (open|stale|staler|seen)/.test(line))).toEqual([
				'! view open: strings in double quotes are rewritten in single quotes',
				'! trigger seen: strings in double quotes are rewritten in single quotes',
				'! view stale is omitted: SQLite cannot read it (no such table: main.gone)',
				'! view staler is omitted: SQLite cannot read it (no such table: main.stale)',
			]);
			expect(stdout).not.toContain('.pull-');
			const text = project
				.files('models')
				.map((file) => project.read(`models/${file}`))
				.join('');
			expect(text).toMatch(/SELECT id, 'it(?:''|\\'\\')s' AS "it's" FROM user WHERE state = 'is open' OR "user"\."state" = 'x'/);
			expect(text).toContain(`SET state = 'seen' WHERE id = new."id"`);
		},
	);

	test('never overwrites a model without confirmation', async () => {
		const project = projectFolder({'migrate.toml': toml});
		project.database((db) => db.exec(user()));
		await done(project, 'pull', '--format', 'sql');
		const refused = await project.lite('pull', '--format', 'sql');
		expect(refused).toMatchObject({code: 3, stdout: '', stderr: expect.stringContaining('schema.sql')});
		await done(project, 'pull', '--format', 'sql', '--yes');
		expect(await done(project, 'pull', '--dry-run')).toContain("export const user = table('user', {");
		expect(project.files('models')).toEqual(['schema.sql']);
	});

	test.each(['ts', 'sql'])('creates nothing with --dry-run, not even a folder (%s)', async (format) => {
		const project = projectFolder({'migrate.toml': toml});
		project.database((db) => db.exec(user()));
		await done(project, 'pull', '--dry-run', '--format', format);
		expect(project.files('.')).toEqual(['app.db', 'migrate.toml']);
	});

	test('reports what it found, and what Drizzle cannot express', async () => {
		const project = projectFolder({'migrate.toml': toml});
		symlinkSync(join(import.meta.dirname, '../../node_modules'), join(project.path, 'node_modules'));
		project.database((db) =>
			db.exec(
				'CREATE TABLE tag (id INTEGER PRIMARY KEY) STRICT; CREATE VIRTUAL TABLE search USING fts5(title); CREATE VIEW ids AS SELECT id FROM tag',
			),
		);
		expect(await done(project, 'pull', '--format', 'drizzle')).toBe(
			[
				'✔ wrote models/schema.ts',
				'✔ wrote models/beside-drizzle.sql',
				'  1 table, 1 virtual table, 0 indexes, 1 view, 0 triggers',
				'! not supported by Drizzle: tag: STRICT',
				'  next: lite-migr baseline start, if the database has no migrations yet',
				'',
			].join('\n'),
		);
		expect(project.files('models')).toEqual(['beside-drizzle.sql', 'schema.ts']);
		// What Drizzle cannot express stays unchanged in the database.
		expect(await done(project, 'diff')).toContain('no differences');
	});

	test('reports that a Drizzle project needs drizzle-orm, and creates nothing', async () => {
		const project = projectFolder({'migrate.toml': toml});
		project.database((db) => db.exec(user()));
		expect(await project.lite('pull', '--format', 'drizzle')).toEqual({
			code: 1,
			stdout: '',
			stderr:
				'✗ schema.ts imports drizzle-orm/sqlite-core, which does not exist\n  install it in the project (npm install drizzle-orm), or fix the name\n',
		});
		expect(project.files('.')).toEqual(['app.db', 'migrate.toml']);
	});

	test('fails if there is no database', async () => {
		const project = projectFolder({'migrate.toml': toml});
		expect(await project.lite('pull')).toMatchObject({code: 1, stderr: expect.stringContaining('no database at')});
	});
});

describe('baseline --from', () => {
	test('imports the history of another tool, and upgrade applies its pending migrations', async () => {
		const project = projectFolder({
			'migrate.toml': toml,
			'models/schema.sql': `${user()}CREATE TABLE post (id INTEGER PRIMARY KEY);\n`,
			'theirs/00001_start.sql': `-- +goose Up\n${user()}-- +goose Down\nDROP TABLE user;\n`,
			'theirs/00002_post.sql': '-- +goose Up\nCREATE TABLE post (id INTEGER PRIMARY KEY);\n',
		});
		project.database((db) =>
			db.exec(`CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY, version_id INTEGER, is_applied INTEGER);
				INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1); ${user()} INSERT INTO user VALUES (1, 'Ann')`),
		);
		expect(await done(project, 'baseline', '--from', 'theirs')).toContain('imported 2 migrations from goose: 1 is marked as applied, 1 is pending');
		await done(project, 'upgrade');
		expect(await done(project, 'check')).toContain('agree');
		expect(project.database((db) => db.all('SELECT * FROM user'))).toEqual([{id: 1, name: 'Ann'}]);
		expect(await project.lite('baseline', 'x', '--from', 'theirs')).toMatchObject({code: 2});
		expect(await project.lite('baseline')).toMatchObject({code: 2});
	});
});
