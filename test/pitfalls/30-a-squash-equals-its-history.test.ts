import {rmSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {stateOf} from '../faults/database-state.ts';
import {countMoments, isWholeRun, sampleOf, signalledAt} from '../faults/signalled.ts';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';

const history = {
	'20260101_000000_start.ts': `export function upgrade(op) {
	op.createTable('CREATE TABLE user (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE, age TEXT)');
	op.createTable('CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED)');
	op.createIndex('CREATE UNIQUE INDEX user_name ON user (name) WHERE age IS NOT NULL');
}
`,
	'20260102_000000_rows.sql': "-- upgrade\nINSERT INTO user (name, age) VALUES ('Ann', '7'), ('Bob', NULL);\n",
	'20260103_000000_names.ts': `export function upgrade(op) {
	op.renameColumn('user', 'name', 'full_name');
	op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY AUTOINCREMENT, full_name TEXT NOT NULL COLLATE NOCASE, age INTEGER DEFAULT 3)');
	op.createView("CREATE VIEW old AS SELECT full_name FROM user WHERE age > 5");
}
`,
	'20260104_000000_more.ts': `export function upgrade(op) {
	op.execute("UPDATE user SET age = age + 1 WHERE age IS NOT NULL");
	op.renameTable('post', 'article');
	op.createTrigger("CREATE TRIGGER user_gone AFTER DELETE ON user BEGIN SELECT CASE WHEN 1 THEN ';' END; END");
}
`,
};

async function project(files: Readonly<Record<string, string>>): Promise<ProjectFolder> {
	const folder = projectFolder({
		'migrate.toml': toml,
		...Object.fromEntries(Object.entries(files).map(([name, text]) => [`migrations/${name}`, text])),
	});
	expect(await folder.lite('upgrade', '--yes')).toMatchObject({code: 0, stderr: ''});
	return folder;
}

function withoutHistory(folder: ProjectFolder): readonly string[] {
	return stateOf(`${folder.path}/app.db`)
		.contents.split('\n')
		.filter((line) => !line.includes('lite_migr') && !line.startsWith('sqlite_sequence'));
}

describe('pitfall 30: a squashed history', () => {
	test('creates the same schema and rows in a new database, and is not pending in the old one', async () => {
		const folder = await project(history);
		const expected = withoutHistory(folder);
		expect(await folder.lite('squash', 'all')).toMatchObject({code: 0, stderr: ''});
		expect(folder.files('migrations').filter((name) => /^\d/.test(name))).toEqual(['20260104_000000_all.ts']);
		expect((await folder.lite('upgrade')).stdout).toContain('nothing is pending');
		expect(withoutHistory(folder)).toEqual(expected);
		rmSync(`${folder.path}/app.db`);
		expect(await folder.lite('upgrade')).toMatchObject({code: 0, stderr: ''});
		expect(withoutHistory(folder)).toEqual(expected);
	});

	test('that is interrupted by kill −9 leaves nothing pending, and the same schema and rows', async () => {
		const count = await countMoments(await project(history), 'statement', ['squash', 'all']);
		// The last steps: write the file, change the history, move the squashed files.
		for (const number of isWholeRun ? sampleOf(count, count) : [count - 4, count - 2, count - 1, count]) {
			const folder = await project(history);
			const expected = withoutHistory(folder);
			await signalledAt(folder, 'statement', number, 'SIGKILL', ['squash', 'all']);
			expect({number, ...(await folder.lite('upgrade'))}).toMatchObject({
				number,
				code: 0,
				stderr: '',
				stdout: expect.stringContaining('nothing is pending'),
			});
			expect(withoutHistory(folder)).toEqual(expected);
			rmSync(`${folder.path}/app.db`);
			expect(await folder.lite('upgrade')).toMatchObject({code: 0, stderr: ''});
			expect(withoutHistory(folder)).toEqual(expected);
		}
	}, 600_000);

	test('is refused if a migration contains code that a replay cannot run, and no file is moved', async () => {
		const folder = await project({...history, '20260105_000000_code.ts': 'export function upgrade(op) { op.run(() => {}); }\n'});
		const before = folder.files('migrations');
		const {code, stderr} = await folder.lite('squash', 'all');
		expect(code).toBe(1);
		expect(stderr).toMatch(/^✗ .*20260105_000000_code/);
		expect(folder.files('migrations')).toEqual(before);
	});
});
