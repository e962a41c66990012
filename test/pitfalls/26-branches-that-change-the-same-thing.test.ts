import {describe, expect, test} from 'vitest';
import {digestOf} from '../faults/database-state.ts';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';

const up = (body: string) => `export function upgrade(op) { ${body} }\n`;
const newer = '20260103_000000_newer';
const older = '20260102_000000_older';

/** Creates a project where one branch is applied and an older migration of another branch is merged afterwards. */
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
	])('stop the upgrade if they %s: nothing is written, and the error says what to do', async (_name, applied, late) => {
		const project = await merged(applied, late);
		const before = digestOf(`${project.path}/app.db`);
		const {code, stderr} = await project.lite('upgrade', '--yes');
		expect(code).toBe(1);
		expect(stderr).toMatch(new RegExp(`^✗ ${older} is older than applied migrations, and `));
		expect(stderr).toContain(
			`\n  nothing was written: app.db is at ${newer}\n  compare both changes. Then give ${older} a newer time in its file name, or write its changes in a new migration\n`,
		);
		expect(digestOf(`${project.path}/app.db`)).toBe(before);
	});

	test.each([
		['each add a column', "op.addColumn('user', 'a TEXT');", "op.addColumn('user', 'b TEXT');"],
		[
			'change different parts of it',
			"op.createIndex('CREATE INDEX user_name ON user (name)');",
			"op.createTable('CREATE TABLE post (id INTEGER PRIMARY KEY, user_id REFERENCES user(id))');",
		],
	])('are both applied, with a notice, if they %s', async (_name, applied, late) => {
		const project = await merged(applied, late);
		const {stdout, ...rest} = await project.lite('upgrade');
		expect(rest).toEqual({code: 0, stderr: ''});
		expect(stdout).toContain(`! ${older} is older than ${newer}, which is already applied; the order makes no difference\n`);
		expect(project.database((db) => db.value('SELECT count(*) FROM user'))).toBe(2);
	});
});

describe('pitfall 26: two branches whose migrations were both created from models', () => {
	const base = 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);\n';
	const withAge = 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);\n';
	const unique = "CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '' UNIQUE);\n";
	const merged = "CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '' UNIQUE, age INTEGER);\n";

	/** Returns the text of the migration that a branch creates from its models. */
	async function branch(format: string, models: string): Promise<string> {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': base, 'migrations/20260101_000000_start.sql': base});
		await project.lite('upgrade');
		project.write('models/schema.sql', models);
		expect(await project.lite('create', 'change', '--format', format)).toMatchObject({code: 0});
		const [, file = ''] = project.files('migrations');
		return project.read(`migrations/${file}`);
	}

	/** Creates a project with rows where the first branch is applied. */
	async function applied(format: string): Promise<ProjectFolder> {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': merged, 'migrations/20260101_000000_start.sql': base});
		project.write(`migrations/${older}.${format}`, await branch(format, withAge));
		expect(await project.lite('upgrade')).toMatchObject({code: 0});
		project.database((db) => db.exec("INSERT INTO user VALUES (1, 'Ann', 7), (2, 'Bob', 8)"));
		return project;
	}

	test.each(['ts', 'sql'])(
		'the second, which defines the whole table, does not undo the first: it stops, and can be created again (.%s)',
		async (format) => {
			const project = await applied(format);
			project.write(`migrations/${newer}.${format}`, await branch(format, unique));
			const before = digestOf(`${project.path}/app.db`);
			const {code, stderr} = await project.lite('upgrade', '--yes');
			expect(code).toBe(1);
			expect(stderr).toContain(`✗ ${newer} was written for a different definition of user\n`);
			expect(stderr).toContain(`  │ ${older} changed user after that\n  nothing was written: app.db is at ${older}\n`);
			expect(stderr).toContain(`remove the file of ${newer}, which would undo other changes, and run lite-migr create <name> again`);
			for (const argv of [['diff'], ['create', 'more'], ['check'], ['upgrade', '--dry-run'], ['upgrade', '--sql'], ['upgrade', '--db', 'new.db']]) {
				expect(await project.lite(...argv), argv.join(' ')).toMatchObject({
					code: 1,
					stderr: expect.stringContaining(`${older} changed user after that`),
				});
			}
			expect(JSON.parse((await project.lite('status', '--json')).stdout)).toMatchObject({
				pendingError: {code: 'plan', message: `${newer} was written for a different definition of user`},
			});
			expect(digestOf(`${project.path}/app.db`)).toBe(before);

			project.remove(`migrations/${newer}.${format}`);
			expect(await project.lite('create', 'again', '--format', format)).toMatchObject({code: 0});
			expect(await project.lite('upgrade', '--yes')).toMatchObject({code: 0, stderr: ''});
			expect(project.database((db) => db.all('SELECT * FROM user'))).toEqual([
				{id: 1, name: 'Ann', age: 7},
				{id: 2, name: 'Bob', age: 8},
			]);
			expect(await project.lite('check')).toMatchObject({code: 0});
			expect(await project.lite('downgrade', '--yes')).toMatchObject({code: 0, stderr: ''});
			expect(project.database((db) => db.all('SELECT age FROM user'))).toEqual([{age: 7}, {age: 8}]);
		},
	);

	test('if the second is the older one, the applied migration is kept, and the pending file must be created again', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': merged, 'migrations/20260101_000000_start.sql': base});
		project.write(`migrations/${newer}.ts`, await branch('ts', unique));
		expect(await project.lite('upgrade')).toMatchObject({code: 0});
		project.write(`migrations/${older}.ts`, await branch('ts', withAge));
		const {code, stderr} = await project.lite('upgrade', '--yes');
		expect(code).toBe(1);
		expect(stderr).toContain(`✗ ${older} is older than applied migrations, and ${newer} was written for a different definition of user\n`);
		expect(stderr).toContain(`│ ${older} changed user after that\n`);
		expect(stderr).toContain(`remove the file of ${older}, which would undo other changes, and run lite-migr create <name> again`);
	});
});
