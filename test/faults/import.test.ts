import {describe, expect, test} from 'vitest';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';
import {countMoments, type Moment, sampleOf, signalledAt} from './signalled.ts';

const goose = (up: string) => `-- +goose Up\n${up}\n`;

/** A project whose database was migrated with goose up to the second of three migrations. Running the first two again would succeed, and change rows. */
function project(): ProjectFolder {
	const folder = projectFolder({
		'migrate.toml': toml,
		'goose/00001_item.sql': goose('CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, n INTEGER);'),
		'goose/00002_twice.sql': goose('UPDATE item SET n = n * 2;'),
		'goose/00003_note.sql': goose('CREATE TABLE note (body TEXT);'),
	});
	folder.exec(
		`CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY, version_id INTEGER, is_applied INTEGER, tstamp TIMESTAMP);
		INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1), (2, 1);
		CREATE TABLE item (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO item VALUES (1, 20)`,
	);
	return folder;
}

const argv = ['baseline', '--from', 'goose'];
const files = ['00001_item.sql', '00002_twice.sql', '00003_note.sql'];

const counted = new Map<Moment, Promise<number>>();

async function numbersOf(moment: Moment): Promise<readonly number[]> {
	const count = counted.get(moment) ?? countMoments(project(), moment, argv);
	counted.set(moment, count);
	return sampleOf(await count, 12);
}

describe('an import that is interrupted by kill −9', () => {
	test.each(['statement', 'file'] as const)(
		'is completed by the next one, and no run repeats an applied migration (after each %s)',
		async (moment) => {
			for (const number of await numbersOf(moment)) {
				const killed = project();
				expect((await signalledAt(killed, moment, number, 'SIGKILL', argv)).code).toBe(null);
				const attempt = await killed.lite('upgrade', '--yes');
				expect(killed.all('SELECT n FROM item'), `upgrade after ${moment} ${number}: ${attempt.stderr}`).toEqual([{n: 20}]);
				if (attempt.code === 0 && killed.value("SELECT count(*) FROM sqlite_schema WHERE name = 'note'") === 1) continue;
				const {code, stderr} = await killed.lite(...argv);
				expect({code, stderr}, `after ${moment} ${number}`).toEqual({code: 0, stderr: ''});
				expect(killed.files('migrations')).toEqual(files);
				expect((await killed.lite('upgrade', '--yes')).code).toBe(0);
				expect(killed.all('SELECT name, adopted FROM _lite_migr ORDER BY id')).toEqual([
					{name: '00001_item', adopted: 1},
					{name: '00002_twice', adopted: 1},
					{name: '00003_note', adopted: 0},
				]);
				expect(killed.all('SELECT n FROM item')).toEqual([{n: 20}]);
			}
		},
	);

	test('says that it is complete, and a third one is refused', async () => {
		const killed = project();
		const count = await countMoments(project(), 'file', argv);
		// The last file with a name is that of an applied migration.
		expect((await signalledAt(killed, 'file', count - 1, 'SIGKILL', argv)).code).toBe(null);
		expect((await killed.lite('upgrade', '--yes')).code).not.toBe(0);
		expect(await killed.lite(...argv)).toMatchObject({
			code: 0,
			stdout: expect.stringMatching(
				/^✔ imported 3 migrations from goose: 2 are marked as applied, 1 is pending\n(?:.*\n)* {2}an earlier import was interrupted, and is now complete\n/,
			),
		});
		expect(await killed.lite(...argv)).toMatchObject({code: 1, stderr: expect.stringContaining('the project already has migrations')});
	});

	test('is not completed over a file that was edited in the meantime', async () => {
		const killed = project();
		const count = await countMoments(project(), 'file', argv);
		expect((await signalledAt(killed, 'file', count - 1, 'SIGKILL', argv)).code).toBe(null);
		killed.write('migrations/00003_note.sql', `${killed.read('migrations/00003_note.sql')}INSERT INTO note VALUES ('x');\n`);
		expect(await killed.lite(...argv)).toMatchObject({
			code: 1,
			stderr: expect.stringContaining('if an earlier import was interrupted and cannot be completed: delete the files that it has written'),
		});
	});
});
