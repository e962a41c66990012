import {spawnSync} from 'node:child_process';
import {closeSync, fsyncSync, openSync, readSync, rmSync, statSync, writeFileSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {inTurns, measure, megabytes, milliseconds, type Run, requireSuccess} from './measure.ts';
import {bin, node, project} from './project.ts';

const bytes = Number(process.env.BACKUP_BYTES ?? 1_000_000_000);
const times = Number(process.env.TIMES ?? 5);

const small = 'CREATE TABLE small (id INTEGER PRIMARY KEY, zip TEXT);';
const large = 'CREATE TABLE large (id INTEGER PRIMARY KEY, content BLOB);';
const migration = `export function upgrade(op) { op.changeTable('small', 'CREATE TABLE small (id INTEGER PRIMARY KEY, zip INTEGER)'); }
export function downgrade(op) { op.changeTable('small', 'CREATE TABLE small (id INTEGER PRIMARY KEY, zip TEXT)'); }
`;

/** Measures the backup of a large database, next to reading and writing its file with fsync, and the upgrade of a small table around it. */
export async function backups(): Promise<string> {
	const rows: string[] = [];
	for (const journal of ['delete', 'wal']) {
		const folder = projectWith(journal);
		const database = join(folder, 'app.db');
		const measured = await inTurns(times, {
			plain: async () => copied(database),
			backup: () => backedUp(folder),
			upgrade: () => upgraded(folder, 'always'),
			without: () => upgraded(folder, 'never'),
		});
		const {plain, backup, upgrade, without} = measured;
		rows.push(
			`| ${[
				journal,
				megabytes(statSync(database).size / 1e6),
				milliseconds(plain.milliseconds),
				milliseconds(backup.milliseconds),
				`${(backup.milliseconds / plain.milliseconds).toFixed(2)} ×`,
				milliseconds(upgrade.milliseconds),
				milliseconds(without.milliseconds),
				megabytes(upgrade.megabytes),
			].join(' | ')} |`,
		);
		process.stderr.write(`${rows.at(-1)}\n`);
	}
	return [
		'## Backup of a large database',
		'',
		`\`lite-migr upgrade --yes\` rewrites a table of two rows in a large database. The time of the backup is from its event, next to a program that reads and writes the file with fsync, 8 MB at once. Median of ${times} runs in turns. Target: at most 1.2 ×.`,
		'',
		'| journal | size | read and write | backup | ratio | upgrade | without a backup | memory |',
		'| --- | --- | --- | --- | --- | --- | --- | --- |',
		...rows,
	].join('\n');
}

/** Creates a project whose database has a large table, and a small one that the pending migration rewrites. */
function projectWith(journal: string): string {
	const folder = project(`${small}\n${large}`);
	writeFileSync(join(folder, 'migrations', '20260101_000000_change.ts'), migration);
	const input = `PRAGMA journal_mode = ${journal}; PRAGMA synchronous = OFF;
${small} ${large} INSERT INTO small VALUES (1, '1'), (2, '2');
INSERT INTO large SELECT value, randomblob(1000) FROM generate_series(1, ${Math.round(bytes / 1026)});`;
	const result = spawnSync('sqlite3', ['-bail', join(folder, 'app.db')], {input, encoding: 'utf8'});
	if (result.status !== 0) throw new Error(`sqlite3: ${result.stderr}`);
	return folder;
}

function copied(database: string): Run {
	const target = `${database}.copy`;
	const started = performance.now();
	const [from, to] = [openSync(database, 'r'), openSync(target, 'w')];
	const buffer = Buffer.allocUnsafeSlow(8_388_608);
	for (let length = readSync(from, buffer); length > 0; length = readSync(from, buffer)) writeSync(to, buffer, 0, length);
	fsyncSync(to);
	const spent = performance.now() - started;
	closeSync(from);
	closeSync(to);
	rmSync(target);
	return {milliseconds: spent, megabytes: null, cpu: null, status: 0, output: ''};
}

/** Returns the time that the event of the backup reports. */
async function backedUp(folder: string): Promise<Run> {
	const run = await upgraded(folder, 'always');
	const events = run.output.split('\n').filter((line) => line.startsWith('{'));
	const done = events.map((line) => JSON.parse(line) as {type: string; state?: string; durationMs?: number}).find(({state}) => state === 'done');
	return {...run, milliseconds: done?.durationMs ?? Number.NaN};
}

/** Upgrades, and then goes back for the next run. */
async function upgraded(folder: string, backup: 'always' | 'never'): Promise<Run> {
	writeFileSync(
		join(folder, 'migrate.toml'),
		`[migrate]\ndb_path = "./app.db"\nmigrations_dir = "./migrations"\nmodels_dir = "./models"\nbackup = "${backup}"\n`,
	);
	const run = requireSuccess(await measure(node, [bin, 'upgrade', '--yes', '--json'], {cwd: folder}), 'upgrade');
	requireSuccess(await measure(node, [bin, 'downgrade', '--yes', '--no-backup'], {cwd: folder}), 'downgrade');
	rmSync(join(folder, 'backups'), {recursive: true, force: true});
	return run;
}
