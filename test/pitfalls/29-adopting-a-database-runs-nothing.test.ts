import {expect, test} from 'vitest';
import {stateOf} from '../faults/database-state.ts';
import {countMoments, isWholeRun, sampleOf, signalledAt} from '../faults/signalled.ts';
import {projectFolder, toml} from '../project-folder.ts';

test('pitfall 29: baseline does not run the definitions it writes: rows, triggers and AUTOINCREMENT counters are kept, and nothing is pending', async () => {
	const project = projectFolder({'migrate.toml': toml, 'models/.keep': ''});
	project.database((db) =>
		db.exec(`CREATE TABLE user (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);
			CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user(id) ON DELETE CASCADE);
			CREATE TABLE log (x); CREATE TRIGGER user_new AFTER INSERT ON user BEGIN INSERT INTO log VALUES (new.id); END;
			INSERT INTO user VALUES (5, 'Ann'), (90, 'Bob'); DELETE FROM user WHERE id = 90; INSERT INTO post VALUES (1, 5)`),
	);
	const withoutHistory = () =>
		stateOf(`${project.path}/app.db`)
			.contents.split('\n')
			.filter((line) => !/lite_migr|^sqlite_sequence/.test(line))
			.join('\n');
	const before = withoutHistory();
	expect(await project.lite('pull', '--format', 'sql')).toMatchObject({code: 0, stderr: ''});
	expect(await project.lite('baseline', 'start')).toMatchObject({code: 0, stderr: ''});
	expect(withoutHistory()).toContain(before.split('\n')[0]);
	expect(project.database((db) => db.all('SELECT * FROM log'))).toEqual([{x: 5}, {x: 90}]);
	expect(project.database((db) => db.value("SELECT seq FROM sqlite_sequence WHERE name = 'user'"))).toBe(90);
	expect(project.database((db) => db.all('SELECT * FROM user JOIN post ON user_id = user.id'))).toHaveLength(1);
	expect((await project.lite('upgrade')).stdout).toContain('nothing is pending');
	expect((await project.lite('check')).code).toBe(0);

	// A second database with the same schema adopts the migration without running it, too.
	const other = projectFolder({
		'migrate.toml': toml,
		...Object.fromEntries(project.files('migrations').map((name) => [`migrations/${name}`, project.read(`migrations/${name}`)])),
	});
	other.database((db) =>
		db.exec(
			project.database((first) =>
				first
					.all("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE '%lite%'")
					.map(({sql}) => `${sql};`)
					.join('\n'),
			),
		),
	);
	other.database((db) => db.exec("INSERT INTO user VALUES (1, 'Cy')"));
	expect(await other.lite('baseline', 'start')).toMatchObject({code: 0, stderr: ''});
	expect(other.database((db) => db.all('SELECT * FROM log'))).toEqual([{x: 1}]);
	expect((await other.lite('upgrade')).stdout).toContain('nothing is pending');
});

test('pitfall 29: a baseline that is interrupted by kill −9 changes no row, and a second one uses its file', async () => {
	const adoptable = () => {
		const project = projectFolder({'migrate.toml': toml, 'models/.keep': ''});
		project.database((db) => db.exec("CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO user VALUES (1, 'Ann')"));
		return project;
	};
	const argv = ['baseline', 'start'];
	const count = await countMoments(adoptable(), 'statement', argv);
	for (const number of isWholeRun ? sampleOf(count, count) : [count - 3, count - 1]) {
		const project = adoptable();
		expect((await signalledAt(project, 'statement', number, 'SIGKILL', argv)).code).toBe(null);
		await project.lite('upgrade');
		expect(project.database((db) => db.all('SELECT * FROM user'))).toEqual([{id: 1, name: 'Ann'}]);
		await project.lite(...argv);
		expect(JSON.parse((await project.lite('status', '--json')).stdout)).toMatchObject({pending: [], drift: [], applied: [expect.anything()]});
	}
});
