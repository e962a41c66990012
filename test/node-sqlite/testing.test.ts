import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {beforeAll, expect, test} from 'vitest';
import {builtBin} from '../cli/built-bin.ts';
import {testProject} from '../core/testing/test-project.ts';

// Scripts run the built package, and building takes longer than a test may.
beforeAll(() => void builtBin(), 120_000);

/** Hides better-sqlite3 from the built package. */
const hidden = {NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'hide-better-sqlite3.mjs'))}`};

const files = {
	'migrations/0001_start.sql': 'CREATE TABLE a (x TEXT);\n',
	'migrations/0002_trim.sql': 'UPDATE a SET x = trim(x);\n',
};

test('without better-sqlite3, lite-migr/test works with node:sqlite', async () => {
	const project = testProject(files);
	const output = await project.script(
		`const driver = 'node:sqlite';
		const seed = (db) => db.exec("INSERT INTO a VALUES ('seed')");
		const count = (db) => db.prepare('SELECT count(*) AS n FROM a').get().n;
		console.log('rows', count(await migratedDatabase({driver})), count(await migratedDatabase({driver, seed})));
		await migrationTest('0002', {
			driver,
			before: (db) => db.exec("INSERT INTO a VALUES (' x ')"),
			after: (db) => console.log('trimmed', db.prepare('SELECT x FROM a').get().x),
		});
		await writeRelease('releases-1.db', {driver, seed});
		console.log('migrations', (await reachesToday('releases-1.db', {driver, after: (db) => console.log('released', count(db))})).migrations.length);`,
		hidden,
	);
	expect(output.split('\n')).toEqual(['rows 0 1', 'trimmed x', 'released 1', 'migrations 0', '']);
});

test('without better-sqlite3, a connection of the default driver is an error that names the option', async () => {
	const project = testProject(files);
	await expect(project.script('await migratedDatabase();', hidden)).rejects.toThrow("set the option driver: 'node:sqlite'");
});
