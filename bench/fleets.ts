import {spawnSync} from 'node:child_process';
import {copyFileSync, mkdirSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {inTurns, measure, megabytes, milliseconds, type Run, requireSuccess} from './measure.ts';
import {bin, node, project, repository, writeModels} from './project.ts';

const sizes = [1, 100, 1000, 10_000];
/** The shell loop starts a process for each database, so it is measured only for small fleets. */
const mostForLoop = 100;

const before = `CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age TEXT);
CREATE INDEX user_name ON user (name);
CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user (id), title TEXT, body TEXT);
CREATE INDEX post_user ON post (user_id);
`;
const between = before.replace('name TEXT', 'name TEXT COLLATE NOCASE');
const after = between.replace('title TEXT', "title TEXT DEFAULT ''");

/** Measures two rewrites in each of many small databases, without backups. */
export async function fleets(): Promise<string> {
	const folder = project(before);
	const lite = async (...argv: readonly string[]) => requireSuccess(await measure(node, [bin, ...argv], {cwd: folder}), argv.join(' '));
	await lite('create', 'start');
	await lite('upgrade', '--yes');
	fill(join(folder, 'app.db'));
	writeModels(folder, between);
	await lite('create', 'names');
	writeModels(folder, after);
	await lite('create', 'titles');
	const lines: string[] = [];
	for (const size of sizes) lines.push(...(await rowsFor(folder, size)));
	return [
		'## Fleets',
		'',
		'Two pending rewrites in each of many databases of 32 kB, without backups: the whole process, median of 3 runs (10,000: one run). Bare SQL is the same change without any check, in one process. `upgrade` looks at every database before it writes to any. Targets for 1,000: at most 4 times bare SQL in one thread, 2 times with threads; a second run with nothing to do at most as long as bare SQL; at most 300 MB for 10,000.',
		'',
		'| databases | way | time | each | against bare SQL | peak memory |',
		'| --- | --- | --- | --- | --- | --- |',
		...lines,
	].join('\n');
}

async function rowsFor(folder: string, size: number): Promise<readonly string[]> {
	const upgrade = (...flags: readonly string[]) =>
		measure(node, [bin, 'upgrade', '--db', 'tenants/*.db', '--yes', '--no-backup', ...flags], {cwd: folder});
	const fresh = (run: () => Promise<Run>) => async () => {
		restore(folder, size);
		return requireSuccess(await run(), 'the upgrade');
	};
	const loop = `for db in tenants/*.db; do "${node}" "${bin}" upgrade --db "$db" --yes --no-backup || exit 1; done`;
	const ways: Readonly<Record<string, () => Promise<Run>>> = {
		'bare SQL': fresh(() => measure(node, [join(repository, 'bench', 'bare-fleet.ts'), join(folder, 'tenants')])),
		...(size > mostForLoop ? {} : {'a shell loop over `upgrade`': fresh(() => measure('sh', ['-c', loop], {cwd: folder}))}),
		'`upgrade --jobs 1`': fresh(() => upgrade('--jobs', '1')),
		'`upgrade --jobs 2`': fresh(() => upgrade('--jobs', '2')),
		'`upgrade` again': () => upgrade(),
	};
	const runs = await inTurns(size > 1000 ? 1 : 3, ways);
	const bare = runs['bare SQL']?.milliseconds ?? Number.NaN;
	return Object.entries(runs).map(([name, run]) =>
		[
			`| ${size.toLocaleString('en-US')}`,
			name,
			milliseconds(run.milliseconds),
			`${(run.milliseconds / size).toFixed(1)} ms`,
			`${(run.milliseconds / bare).toFixed(2)} ×`,
			`${megabytes(run.megabytes)} |`,
		].join(' | '),
	);
}

/** Creates the fleet again, with all of it on disk: otherwise the first commits would have to wait for that. */
function restore(folder: string, size: number): void {
	const tenants = join(folder, 'tenants');
	rmSync(tenants, {recursive: true, force: true});
	mkdirSync(tenants);
	for (let index = 0; index < size; index++) copyFileSync(join(folder, 'app.db'), join(tenants, `${String(index).padStart(5, '0')}.db`));
	spawnSync('sync');
}

function fill(database: string): void {
	const rows = (count: number, sql: string) => `WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < ${count}) ${sql};`;
	const sql = `${rows(50, "INSERT INTO user SELECT i, 'name ' || i, NULL FROM i")} ${rows(100, "INSERT INTO post SELECT i, 1 + i % 50, 'title ' || i, 'some body text ' || i FROM i")}`;
	const {status, stderr} = spawnSync('sqlite3', [database, sql], {encoding: 'utf8'});
	if (status !== 0) throw new Error(`sqlite3: ${stderr}`);
}
