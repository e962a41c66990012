import {spawn, spawnSync} from 'node:child_process';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {megabytes, milliseconds} from './measure.ts';
import {bin, copyDatabase, node, temporaryFolder} from './project.ts';

const rowCount = Number(process.env.ROWS ?? 1_000_000);
const times = Number(process.env.TIMES ?? 5);

interface Statement {
	readonly name: string;
	readonly sql: string;
	readonly table?: string;
}

const statements: readonly Statement[] = [
	{name: 'UPDATE of one column', sql: 'UPDATE entry SET amount = amount + 1'},
	{name: 'UPDATE of an indexed column', sql: "UPDATE entry SET title = title || '!'"},
	{name: 'UPDATE of every key', sql: `UPDATE entry SET id = id + ${10 * rowCount}`},
	{name: 'DELETE of half the rows', sql: 'DELETE FROM entry WHERE id % 2 = 0'},
	{name: 'INSERT of one row', sql: "INSERT INTO entry (title) VALUES ('one')"},
	{name: 'UPDATE by a text key', sql: 'UPDATE keyed SET v = v + 1'},
];

/** Compares the time for measuring the effects of a statement with the time of the statement itself, in the same run. */
export async function effects(): Promise<string> {
	const rows: string[] = [];
	for (const journal of ['wal', 'delete']) {
		const base = database(journal);
		for (const {name, sql} of statements) {
			const runs: Timed[] = [];
			for (let time = 0; time < times; time++) runs.push(await upgrade(base, sql));
			const {statement, measuring, memory} = runs.sort((a, b) => a.measuring / a.statement - b.measuring / b.statement)[
				Math.floor(times / 2)
			] as Timed;
			rows.push(
				`| ${name} | ${journal} | ${milliseconds(statement)} | ${milliseconds(measuring)} | + ${(measuring / statement).toFixed(2)} × | ${megabytes(memory)} |`,
			);
			process.stderr.write(`${rows.at(-1)}\n`);
		}
	}
	return [
		`## Measured effects of statements on a table with ${rowCount.toLocaleString('en')} rows and two indexes`,
		'',
		`From the events of \`lite-migr upgrade --yes --json\`: the time of the statement itself, and the time from its end to the report of its effects. The backup of a database with a rollback journal is not included. Each row shows the run with the median ratio of ${times} runs. Targets: at most + 1.5 × for the first statement, memory below 120 MB.`,
		'',
		'| statement | journal | statement time | measuring | ratio | memory |',
		'| --- | --- | --- | --- | --- | --- |',
		...rows,
	].join('\n');
}

interface Timed {
	readonly statement: number;
	readonly measuring: number;
	readonly memory: number | null;
}

async function upgrade(base: string, sql: string): Promise<Timed> {
	const folder = temporaryFolder();
	mkdirSync(join(folder, 'migrations'));
	copyDatabase(base, join(folder, 'app.db'));
	writeFileSync(join(folder, 'migrate.toml'), '[migrate]\ndb_path = "./app.db"\nmigrations_dir = "./migrations"\nmodels_dir = "./models"\n');
	writeFileSync(join(folder, 'migrations', '20260101_000000_change.sql'), `${sql};\n`);
	const child = spawn(node, [bin, 'upgrade', '--yes', '--json'], {cwd: folder, stdio: ['ignore', 'pipe', 'inherit']});
	const at = new Map<string, number>();
	let memory = 0;
	for await (const line of createInterface({input: child.stdout})) {
		const {type} = JSON.parse(line) as {type: string};
		if (!at.has(type)) at.set(type, performance.now());
		memory = Math.max(memory, peakOf(child.pid));
	}
	const time = (type: string) => at.get(type) ?? Number.NaN;
	if (!at.has('done')) throw new Error('the upgrade failed');
	return {
		statement: time('stepDone') - time('stepStart'),
		measuring: time('effects') - time('stepDone'),
		memory: memory === 0 ? null : memory / 1024,
	};
}

function peakOf(pid: number | undefined): number {
	try {
		return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
	} catch {
		// The process has ended, or this is not Linux.
		return 0;
	}
}

function database(journal: string): string {
	const file = join(temporaryFolder(), 'base.db');
	const input = `PRAGMA journal_mode = ${journal};
CREATE TABLE entry (id INTEGER PRIMARY KEY, account_id INTEGER, title TEXT, amount INTEGER, zip TEXT, note VARCHAR(20), kind TEXT DEFAULT 'a');
CREATE INDEX entry_account ON entry (account_id); CREATE INDEX entry_title ON entry (title, amount);
CREATE TABLE keyed (k TEXT PRIMARY KEY, v INTEGER);
INSERT INTO entry SELECT value, 1 + value % 1000, 'entry ' || (value * 7919 % 1000003), value % 100, printf('%05d', value % 99999), 'n' || value, 'a' FROM generate_series(1, ${rowCount});
INSERT INTO keyed SELECT 'key ' || value, value FROM generate_series(1, ${rowCount});`;
	const result = spawnSync('sqlite3', ['-bail', file], {input, encoding: 'utf8'});
	if (result.status !== 0) throw new Error(`sqlite3: ${result.stderr}`);
	return file;
}
