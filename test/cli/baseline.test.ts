import {renameSync, rmSync} from 'node:fs';
import {DatabaseSync} from 'node:sqlite';
import {describe, expect, test} from 'vitest';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';

const user = (more = '') => `CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT${more});\n`;

/** Creates a project with one applied migration. */
async function started(): Promise<ProjectFolder> {
	const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': user()});
	await done(project, 'create', 'start');
	await done(project, 'upgrade');
	return project;
}

async function done(project: ProjectFolder, ...argv: readonly string[]): Promise<string> {
	const finished = await project.lite(...argv);
	expect(finished, argv.join(' ')).toMatchObject({code: 0, stderr: ''});
	return finished.stdout;
}

function byHand(project: ProjectFolder, sql: string): void {
	project.database((db) => db.exec(sql));
}

describe('baseline of a database that was changed by hand', () => {
	test('fails if there is nothing to adopt, or if the new migration would not be the last one', async () => {
		const project = await started();
		const refused = async (message: string) => {
			expect(await project.lite('baseline', 'by_hand')).toMatchObject({code: 1, stderr: expect.stringContaining(message)});
			expect(project.files('migrations').filter((name) => name.includes('by_hand'))).toEqual([]);
		};
		await refused('the database matches its migrations, so there is nothing to adopt');
		expect(await project.lite('baseline', 'start')).toMatchObject({code: 1, stderr: expect.stringContaining('is already applied')});
		byHand(project, 'ALTER TABLE user ADD COLUMN age');
		project.write('models/schema.sql', user(', age, city TEXT'));
		await done(project, 'create', 'city');
		await refused('1 migration is pending: ');
		await done(project, 'upgrade');
		const [start = '', city = ''] = project.files('migrations');
		const text = project.read(`migrations/${start}`);
		project.write(`migrations/${start}`, `// edited\n${text}`);
		await refused(`1 migration was edited after it was applied: ${start.replace('.ts', '')}`);
		project.write(`migrations/${start}`, text);

		renameSync(`${project.path}/migrations/${city}`, `${project.path}/${city}`);
		await refused(`1 applied migration has no file: ${city.replace('.ts', '')}`);
		renameSync(`${project.path}/${city}`, `${project.path}/migrations/${city}`);
		expect(await done(project, 'baseline', 'by_hand')).toContain('1 change made outside lite-migr\n    + user.age');
		await done(project, 'check');
	});

	test('rejects an answer that matches nothing', async () => {
		const project = await started();
		byHand(project, 'ALTER TABLE user ADD COLUMN age');
		expect(await project.lite('baseline', 'by_hand', '--rename', 'user.agee=age')).toMatchObject({
			code: 2,
			stderr: expect.stringContaining('there is no column agee in user'),
		});
		expect(project.files('migrations')).toHaveLength(1);
		const foreign = projectFolder({'migrate.toml': toml});
		byHand(foreign, user());
		expect(await foreign.lite('baseline', 'start', '--drop', 'user.agee')).toMatchObject({
			code: 2,
			stderr: expect.stringContaining('has no questions to answer'),
		});
	});

	test('marks the existing migration as applied in another database with the same change', async () => {
		const project = await started();
		byHand(project, 'ALTER TABLE user ADD COLUMN age');
		project.write('models/schema.sql', user(', age'));
		await done(project, 'upgrade', '--db', 'staging.db');
		await done(project, 'baseline', 'by_hand');
		expect(await project.lite('baseline', 'by_hand', '--db', 'staging.db')).toMatchObject({
			code: 1,
			stderr: expect.stringContaining('the migrations do not build the schema of the database'),
		});

		const staging = openDatabase(`${project.path}/staging.db`);
		staging.exec('ALTER TABLE user ADD COLUMN age');
		staging.close();
		expect(await done(project, 'baseline', 'by_hand', '--db', 'staging.db')).toMatch(/^✔ marked as applied: \d{8}_\d{6}_by_hand;/);
		await done(project, 'check', '--db', 'staging.db');
	});
});

describe('a database that was not adopted before', () => {
	test('is reported when the first migration is created, and can still be adopted', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': user(', age INTEGER')});
		byHand(project, `${user()} INSERT INTO user (name) VALUES ('Ann');`);
		expect(await done(project, 'create', 'age')).toContain(
			'! no migration creates user, so this one works on app.db, but not on a new database\n    to fix this, remove the file, run lite-migr baseline <name>',
		);
		await done(project, 'upgrade');
		const checked = await project.lite('check');
		expect(checked).toMatchObject({code: 4, stderr: ''});
		expect(checked.stdout).toMatch(
			/✗ upgrade cannot build a new database from the migrations\n {4}migrations\/\d+_\d+_age\.ts:\d+: addColumn: there is no table user\n/,
		);
		expect(checked.stdout).toContain('undo all migrations with lite-migr downgrade');
		expect(await done(project, 'status')).toContain('  ! drift is unknown: addColumn: there is no table user\n');
		expect(await project.lite('baseline', 'start')).toMatchObject({
			code: 1,
			stderr: expect.stringContaining('undo all migrations with lite-migr downgrade'),
		});

		// Follow the hint.
		await done(project, 'downgrade', '--yes');

		rmSync(`${project.path}/migrations`, {recursive: true});
		await done(project, 'baseline', 'start');
		expect(await done(project, 'create', 'age')).not.toContain('!');
		await done(project, 'upgrade');
		await done(project, 'check');
		expect(project.database((db) => db.all('SELECT * FROM user'))).toEqual([{id: 1, name: 'Ann', age: null}]);
	});
});

describe('a database whose definitions have strings in double quotes', () => {
	const old = `CREATE TABLE t (a TEXT, k TEXT GENERATED ALWAYS AS (json_extract(a, "$.k")), CHECK (a <> "none"));
		CREATE INDEX i ON t (a) WHERE a <> "x";
		CREATE VIEW v AS SELECT "text" AS word, a FROM t;
		CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a = "{}" WHERE a = "q"; END;
		INSERT INTO t (a) VALUES ('{"k": 1}');`;

	function oldProject(file = 'app.db', project = projectFolder({'migrate.toml': toml})): ProjectFolder {
		const db = new DatabaseSync(project.at(file), {enableDoubleQuotedStringLiterals: true});
		db.exec(old);
		db.close();
		return project;
	}

	test('is adopted with the strings in single quotes, which is not drift, and can be built again', async () => {
		const project = oldProject();
		await done(project, 'pull', '--format', 'sql');
		await done(project, 'baseline', 'start');
		const [file = ''] = project.files('migrations');
		expect(project.read(`migrations/${file}`)).not.toMatch(/"(?:\$\.k|none|x|text|q|\{\})"/);
		expect(await done(project, 'status')).toContain('no drift');
		await done(project, 'check');
		await done(project, 'upgrade', '--db', 'new.db');
		await done(project, 'check', '--db', 'new.db');
		expect(project.value("SELECT group_concat(sql) FROM sqlite_schema WHERE name = 't'")).toContain('"$.k"');
		expect(project.all('SELECT * FROM t')).toEqual([{a: '{"k": 1}', k: '1'}]);

		oldProject('other.db', project);
		await done(project, 'baseline', 'start', '--db', 'other.db');
		await done(project, 'check', '--db', 'other.db');
	});

	test('reports a real difference in such an object as drift', async () => {
		const project = oldProject();
		await done(project, 'pull');
		await done(project, 'baseline', 'start');
		byHand(project, "DROP TRIGGER r; CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a = 'other' WHERE a = 'q'; END;");
		expect(await project.lite('check')).toMatchObject({code: 4, stdout: expect.stringContaining('trigger r')});
	});
});
