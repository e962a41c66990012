import {copyFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {projectFolder, toml} from '../project-folder.ts';

const tenants = ['a', 'b', 'c', 'd', 'e'];

test('pitfall 34: if one of many databases fails, the others are upgraded, its exit code reports it, and it can be upgraded later', async () => {
	const project = projectFolder({
		'migrate.toml': toml,
		'models/schema.sql': 'CREATE TABLE user (id INTEGER PRIMARY KEY, mail TEXT NOT NULL);\n',
		'migrations/20260101_000000_start.ts':
			"export function upgrade(op) { op.createTable('CREATE TABLE user (id INTEGER PRIMARY KEY, mail TEXT)'); }\n",
	});
	const file = (tenant: string) => join(project.path, `${tenant}.sqlite`);
	const sql = (tenant: string, text: string) => {
		const db = openDatabase(file(tenant));
		const rows = db.all(text);
		db.close();
		return rows;
	};
	/** Upgrades as a deployment does: one independent command per database. */
	const upgradeAll = async () => {
		const ends: Record<string, number | null> = {};
		for (const tenant of tenants) ends[tenant] = (await project.lite('upgrade', '--yes', '--json', '--db', `${tenant}.sqlite`)).code;
		return ends;
	};
	expect((await project.lite('upgrade')).code).toBe(0);
	for (const tenant of tenants) {
		copyFileSync(join(project.path, 'app.db'), file(tenant));
		sql(tenant, `INSERT INTO user VALUES (1, '${tenant}@example.com') RETURNING 1`);
	}
	sql('c', 'INSERT INTO user VALUES (2, NULL) RETURNING 1');
	expect((await project.lite('create', 'mails')).code).toBe(0);

	expect(await upgradeAll()).toEqual({a: 0, b: 0, c: 1, d: 0, e: 0});
	const {stdout, stderr} = await project.lite('upgrade', '--yes', '--json', '--db', 'c.sqlite');
	expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
		type: 'failed',
		code: 'hazard',
		committed: [],
		state: expect.stringContaining('c.sqlite is at 20260101_000000_start'),
	});
	expect(stderr).toContain('user.mail');
	expect(sql('c', 'SELECT * FROM user')).toEqual([
		{id: 1, mail: 'c@example.com'},
		{id: 2, mail: null},
	]);

	sql('c', "UPDATE user SET mail = 'late@example.com' WHERE id = 2 RETURNING 1");
	expect(await upgradeAll()).toEqual({a: 0, b: 0, c: 0, d: 0, e: 0});
	for (const tenant of tenants) {
		expect(JSON.parse((await project.lite('status', '--json', '--db', `${tenant}.sqlite`)).stdout)).toMatchObject({pending: [], inSync: true});
		expect(sql(tenant, 'SELECT count(*) AS n FROM user')).toEqual([{n: tenant === 'c' ? 2 : 1}]);
	}
});
