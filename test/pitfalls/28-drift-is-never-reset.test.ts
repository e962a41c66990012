import {expect, test} from 'vitest';
import {projectFolder, toml} from '../cli/project-folder.ts';

const models = 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);\nCREATE INDEX user_name ON user (name);\n';

test('pitfall 28: what was changed by hand is named, and create writes what mends it; no row goes', async () => {
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

	expect((await project.lite('create', 'mend')).code).toBe(3);
	expect(await project.lite('create', 'mend', '--drop', 'user.age', '--ignore', 'by_hand')).toMatchObject({code: 0, stderr: ''});
	expect(await project.lite('upgrade', '--yes')).toMatchObject({code: 0, stderr: ''});
	expect(project.database((db) => db.all('SELECT * FROM user'))).toEqual([
		{id: 1, name: 'Ann'},
		{id: 2, name: 'Bob'},
	]);
	expect((await project.lite('check')).code).toBe(0);
});
