import {expect, test} from 'vitest';
import {projectFolder, toml} from '../project-folder.ts';

const models = 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);\nCREATE INDEX user_name ON user (name);\n';

test('pitfall 28: changes made by hand are reported, create writes a migration that fixes them, and no row is lost', async () => {
	const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': models});
	expect((await project.lite('create', 'start')).code).toBe(0);
	expect((await project.lite('upgrade')).code).toBe(0);
	project.database((db) => {
		db.exec("INSERT INTO user VALUES (1, 'Ann'), (2, 'Bob')");
		db.exec('ALTER TABLE user ADD COLUMN age INTEGER DEFAULT 7; DROP INDEX user_name; CREATE TABLE by_hand (x)');
	});

	const {drift} = JSON.parse((await project.lite('status', '--json')).stdout);
	expect(drift).toHaveLength(3);
	expect(drift.join('\n')).toMatch(/table user.*[\s\S]*index user_name|index user_name[\s\S]*table user/);
	const check = await project.lite('check');
	expect(check.code).toBe(4);
	for (const object of ['table user', 'table by_hand', 'index user_name']) expect(check.stdout).toContain(object);
	expect((await project.lite('diff')).stdout).toContain('--drop user.age');
	for (const command of ['status', 'check', 'diff', 'upgrade'])
		expect((await project.lite(command)).stdout).not.toMatch(/reset|start over|delete the database/i);

	expect((await project.lite('create', 'fix')).code).toBe(3);
	expect(await project.lite('create', 'fix', '--drop', 'user.age', '--ignore', 'by_hand')).toMatchObject({code: 0, stderr: ''});
	expect(await project.lite('upgrade', '--yes')).toMatchObject({code: 0, stderr: ''});
	expect(project.database((db) => db.all('SELECT * FROM user'))).toEqual([
		{id: 1, name: 'Ann'},
		{id: 2, name: 'Bob'},
	]);
	expect((await project.lite('check')).code).toBe(0);

	// The migration that fixes one database also works for a new one.
	expect((await project.lite('upgrade', '--db', 'new.db', '--yes')).code).toBe(0);
	expect((await project.lite('check', '--db', 'new.db')).code).toBe(0);
	expect((await project.lite('downgrade', '--db', 'new.db', '--yes')).code).toBe(0);
});

test('pitfall 28: changes made by hand can also be recorded in the history: nothing runs, and no row is lost', async () => {
	const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': models});
	expect((await project.lite('create', 'start')).code).toBe(0);
	expect((await project.lite('upgrade')).code).toBe(0);
	project.database((db) => {
		db.exec("INSERT INTO user VALUES (1, 'Ann'), (2, 'Bob')");
		db.exec('ALTER TABLE user RENAME COLUMN name TO full_name; DROP INDEX user_name; CREATE TABLE by_hand (x)');
	});
	project.write('models/schema.sql', 'CREATE TABLE user (id INTEGER PRIMARY KEY, full_name TEXT);\nCREATE TABLE by_hand (x);\n');
	const before = project.database((db) => db.all('SELECT type, name, sql FROM sqlite_schema ORDER BY name'));

	expect(await project.lite('check')).toMatchObject({code: 4, stdout: expect.stringContaining('lite-migr baseline <name>')});
	const asked = await project.lite('baseline', 'by_hand', '--json');
	expect(asked).toMatchObject({code: 3, stderr: expect.stringContaining('1 question is open')});
	expect(JSON.parse(asked.stdout).questions).toMatchObject([{kind: 'rename', flags: ['--rename user.name=full_name', '--drop user.name']}]);
	expect(project.files('migrations')).toHaveLength(1);

	const adopted = await project.lite('baseline', 'by_hand', '--rename', 'user.name=full_name');
	expect(adopted).toMatchObject({code: 0, stderr: ''});
	expect(adopted.stdout).toMatch(
		/by_hand\.ts: 3 changes made outside lite-migr\n[\s\S]*marked as applied: \d{8}_\d{6}_by_hand; no table was changed/,
	);
	expect(project.database((db) => db.all('SELECT type, name, sql FROM sqlite_schema ORDER BY name'))).toEqual(before);
	expect(project.database((db) => db.all('SELECT full_name FROM user'))).toEqual([{full_name: 'Ann'}, {full_name: 'Bob'}]);
	expect(await project.lite('check')).toMatchObject({code: 0, stdout: '✔ models, migrations and app.db agree\n'});

	// In another database, the same change is an ordinary migration.
	expect((await project.lite('upgrade', '--db', 'new.db', '--yes')).code).toBe(0);
	expect((await project.lite('check', '--db', 'new.db')).code).toBe(0);
});
