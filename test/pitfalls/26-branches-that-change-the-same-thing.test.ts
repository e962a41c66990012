import {describe, expect, test} from 'vitest';
import {type ProjectFolder, projectFolder, toml} from '../cli/project-folder.ts';
import {digestOf} from '../faults/database-state.ts';

const up = (body: string) => `export function upgrade(op) { ${body} }\n`;
const newer = '20260103_000000_newer';
const older = '20260102_000000_older';

/** A project in which one branch was applied, and the other, of an older date, has come in behind it. */
async function merged(applied: string, late: string): Promise<ProjectFolder> {
	const project = projectFolder({
		'migrate.toml': toml,
		'migrations/20260101_000000_start.ts': up("op.createTable('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT)');"),
		[`migrations/${newer}.ts`]: up(applied),
	});
	expect((await project.lite('upgrade')).code).toBe(0);
	project.database((db) => db.exec(`INSERT INTO ${applied.includes('person') ? 'person' : 'user'} (id) VALUES (1), (2)`));
	project.write(`migrations/${older}.ts`, up(late));
	return project;
}

describe('pitfall 26: two branches that change the same table', () => {
	test.each([
		['rename the same column', "op.renameColumn('user', 'name', 'full_name');", "op.renameColumn('user', 'name', 'title');"],
		['drop and rename the same column', "op.renameColumn('user', 'name', 'full_name');", "op.dropColumn('user', 'name');"],
		['rename the table and change it', "op.renameTable('user', 'person');", "op.addColumn('user', 'age INTEGER');"],
		[
			'give a table two definitions',
			"op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name INTEGER)');",
			"op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name BLOB)');",
		],
		['create the same table', "op.createTable('CREATE TABLE t (x)');", "op.createTable('CREATE TABLE t (y)');"],
	])('stop the upgrade where they %s: nothing is written, and it says what to do', async (_name, applied, late) => {
		const project = await merged(applied, late);
		const before = digestOf(`${project.path}/app.db`);
		const {code, stderr} = await project.lite('upgrade', '--yes');
		expect(code).toBe(1);
		expect(stderr).toMatch(new RegExp(`^✗ ${older} is older than migrations that were applied already, and `));
		expect(stderr).toContain(
			`\n  nothing was written: app.db is at ${newer}\n  look at what both change, then give ${older} a newer time in its file name, or write its changes into a new migration\n`,
		);
		expect(digestOf(`${project.path}/app.db`)).toBe(before);
	});

	test.each([
		['add a column each', "op.addColumn('user', 'a TEXT');", "op.addColumn('user', 'b TEXT');"],
		[
			'change different things of it',
			"op.createIndex('CREATE INDEX user_name ON user (name)');",
			"op.createTable('CREATE TABLE post (id INTEGER PRIMARY KEY, user_id REFERENCES user(id))');",
		],
	])('are both applied, with a notice, where they %s', async (_name, applied, late) => {
		const project = await merged(applied, late);
		const {stdout, ...rest} = await project.lite('upgrade');
		expect(rest).toEqual({code: 0, stderr: ''});
		expect(stdout).toContain(`! ${older} is older than ${newer}, which was applied before it; the order makes no difference\n`);
		expect(project.database((db) => db.value('SELECT count(*) FROM user'))).toBe(2);
	});
});
