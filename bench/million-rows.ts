import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {drizzleChanges, drizzleMigrate, drizzleProject} from './drizzle-kit.ts';
import {inTurns, measure, megabytes, milliseconds, type Run, requireSuccess} from './measure.ts';
import {bin, copyDatabase, node, project, temporaryFolder, writeModels} from './project.ts';

const rowCount = Number(process.env.ROWS ?? 1_000_000);
const times = Number(process.env.TIMES ?? 5);

const account = 'CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT NOT NULL);';
const entry = (columns: string, more = '') => `CREATE TABLE entry (${columns}${more});`;
const base = "id INTEGER PRIMARY KEY, account_id INTEGER, title TEXT, amount INTEGER, zip TEXT, note VARCHAR(20), kind TEXT DEFAULT 'a'";
const indexes = 'CREATE INDEX entry_account ON entry (account_id);\nCREATE INDEX entry_title ON entry (title, amount);';
const start = [account, entry(base), indexes].join('\n');

interface Change {
	readonly name: string;
	readonly models: string;
	readonly flags?: readonly string[];
	readonly isInstant?: true;
	/** The same change by hand in the sqlite3 shell: an ALTER if SQLite has one, otherwise SQLite's documented procedure. */
	readonly byHand: string;
}

/** Returns the twelve-step procedure from https://www.sqlite.org/lang_altertable.html#otheralter. */
function procedure(definition: string, columns: string, expressions = columns): string {
	return [
		'PRAGMA foreign_keys=OFF;',
		'BEGIN;',
		definition.replace('CREATE TABLE entry', 'CREATE TABLE new_entry'),
		`INSERT INTO new_entry (${columns}) SELECT ${expressions} FROM entry;`,
		'DROP TABLE entry;',
		'ALTER TABLE new_entry RENAME TO entry;',
		indexes,
		'PRAGMA foreign_key_check;',
		'COMMIT;',
	].join('\n');
}

const columns = 'id, account_id, title, amount, zip, note, kind';
const rewritten = (name: string, definition: string, flags: readonly string[] = [], kept = columns): Change => ({
	name,
	models: [account, definition, indexes].join('\n'),
	flags,
	byHand: procedure(definition, kept),
});

const changes: readonly Change[] = [
	{
		name: 'add a nullable column',
		isInstant: true,
		models: [account, entry(base, ', extra TEXT'), indexes].join('\n'),
		byHand: 'ALTER TABLE entry ADD COLUMN extra TEXT;',
	},
	{
		name: 'add NOT NULL with a default',
		isInstant: true,
		models: [account, entry(base, ', extra INTEGER NOT NULL DEFAULT 0'), indexes].join('\n'),
		byHand: 'ALTER TABLE entry ADD COLUMN extra INTEGER NOT NULL DEFAULT 0;',
	},
	rewritten('set NOT NULL', entry(base.replace('title TEXT', 'title TEXT NOT NULL'))),
	{...rewritten('type within one affinity', entry(base.replace('VARCHAR(20)', 'TEXT'))), isInstant: true},
	rewritten('type across affinities', entry(base.replace('zip TEXT', 'zip INTEGER'))),
	rewritten('drop a column', entry(base.replace(', zip TEXT', '')), ['--drop', 'entry.zip'], columns.replace(' zip,', '')),
	{
		name: 'rename a column',
		isInstant: true,
		models: [account, entry(base.replace('zip', 'postcode')), indexes].join('\n'),
		flags: ['--rename', 'entry.zip=postcode'],
		byHand: 'ALTER TABLE entry RENAME COLUMN zip TO postcode;',
	},
	rewritten('add a foreign key', entry(base.replace('account_id INTEGER', 'account_id INTEGER REFERENCES account(id)'))),
	rewritten('add a check', entry(base, ', CHECK (amount >= 0)')),
	rewritten('change a default', entry(base.replace("'a'", "'b'"))),
	rewritten('add UNIQUE', entry(base, ', UNIQUE (title, id)')),
	{
		name: 'add a unique index',
		models: [account, entry(base), indexes, 'CREATE UNIQUE INDEX entry_unique ON entry (note);'].join('\n'),
		byHand: 'CREATE UNIQUE INDEX entry_unique ON entry (note);',
	},
];

/** Measures changes of a table with a million rows and two indexes, next to the same changes by hand in the sqlite3 shell, and on ten rows. */
export async function millionRows(): Promise<string> {
	const large = database(rowCount);
	const small = database(10);
	const drizzle = await drizzleProject();
	fill(join(drizzle, 'app.db'), rowCount, '');
	const rows: string[] = [];
	for (const change of changes) {
		// An instant change consists of a few writes that wait for the disk, so its time varies more.
		const measured = await inTurns(change.isInstant === true ? 3 * times : times, {
			ours: () => upgrade(change, large),
			byHand: () => byHand(change, large),
			onTen: () => upgrade(change, small),
		});
		const theirs = drizzleChanges[change.name];
		const kit = theirs === undefined ? undefined : await drizzleMigrate(drizzle, theirs);
		const more = [
			milliseconds(measured.onTen.milliseconds),
			kit === undefined ? '–' : `${milliseconds(kit.milliseconds)}, ${megabytes(kit.megabytes)}`,
		];
		rows.push(`| ${[...compared(change, measured), ...more].join(' | ')} |`);
		process.stderr.write(`${rows.at(-1)}\n`);
	}
	return [
		`## Changes of a table with ${rowCount.toLocaleString('en')} rows and two indexes`,
		'',
		`${intro} Median of ${times} runs in turns, and of ${3 * times} runs for instant changes. Targets: at most 0.7 × for a rewrite, 0.45 × if it keeps all indexes, 1.05 × for a unique index, an instant change within 10 ms of the same change on ten rows, memory below 120 MB. \`drizzle-kit migrate\` 0.31 ran once, after \`generate\`. It is missing for renames, because drizzle-kit asks about them in a terminal.`,
		'',
		`| ${[...headings, 'on ten rows', 'drizzle-kit migrate'].join(' | ')} |`,
		'| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
		...rows,
	].join('\n');
}

const manyRows = Number(process.env.MANY_ROWS ?? 5_000_000);

/** Measures the changes that depend most on the number of rows, with five million of them. */
export async function fiveMillionRows(): Promise<string> {
	const large = database(manyRows);
	const rows: string[] = [];
	for (const change of changes.filter(({name}) => ['type across affinities', 'drop a column', 'add a unique index'].includes(name))) {
		const measured = await inTurns(Math.min(times, 3), {ours: () => upgrade(change, large), byHand: () => byHand(change, large)});
		rows.push(`| ${compared(change, measured).join(' | ')} |`);
		process.stderr.write(`${rows.at(-1)}\n`);
	}
	return [
		`## Changes of a table with ${manyRows.toLocaleString('en')} rows and two indexes`,
		'',
		`${intro} Median of ${Math.min(times, 3)} runs in turns.`,
		'',
		`| ${headings.join(' | ')} |`,
		'| --- | --- | --- | --- | --- | --- | --- |',
		...rows,
	].join('\n');
}

const intro =
	'Whole process of `lite-migr upgrade --yes` without a backup, next to the same change by hand in the sqlite3 shell: an ALTER if SQLite 3.40 has one, otherwise the documented procedure. The ratios are of the time, and of user and system time.';

const headings = ['change', 'method', 'lite-migr', 'memory', 'by hand', 'ratio', 'CPU ratio'];

function compared(change: Change, {ours, byHand: hand}: Readonly<Record<'ours' | 'byHand', Run>>): readonly string[] {
	const cpu = ours.cpu === null || hand.cpu === null ? '–' : `${(ours.cpu / hand.cpu).toFixed(2)} ×`;
	return [
		change.name,
		strategyOf(ours),
		milliseconds(ours.milliseconds),
		megabytes(ours.megabytes),
		milliseconds(hand.milliseconds),
		`${(ours.milliseconds / hand.milliseconds).toFixed(2)} ×`,
		cpu,
	];
}

function strategyOf({output}: Run): string {
	return /entry\w*: (instant|scan|rewrite|new unique index)/.exec(output)?.[1] ?? '';
}

async function upgrade(change: Change, from: string): Promise<Run> {
	const folder = project(start, from);
	requireSuccess(await measure(node, [bin, 'baseline', 'start'], {cwd: folder}), 'baseline');
	writeModels(folder, change.models);
	requireSuccess(await measure(node, [bin, 'create', 'change', ...(change.flags ?? [])], {cwd: folder}), 'create');
	return requireSuccess(await measure(node, [bin, 'upgrade', '--yes'], {cwd: folder}), 'upgrade');
}

async function byHand(change: Change, from: string): Promise<Run> {
	const file = join(temporaryFolder(), 'app.db');
	copyDatabase(from, file);
	return requireSuccess(await measure('sqlite3', ['-bail', file], {input: change.byHand}), 'sqlite3');
}

function database(rows: number): string {
	const file = join(temporaryFolder(), 'base.db');
	fill(file, rows, start);
	return file;
}

function fill(file: string, rows: number, schema: string): void {
	const input = `${schema}
INSERT INTO account SELECT value, 'account ' || value FROM generate_series(1, 1000);
INSERT INTO entry SELECT value, 1 + value % 1000, 'entry ' || (value * 7919 % 1000003), value % 100, printf('%05d', value % 99999), 'n' || value, 'a' FROM generate_series(1, ${rows});`;
	const result = spawnSync('sqlite3', ['-bail', file], {input, encoding: 'utf8'});
	if (result.status !== 0) throw new Error(`sqlite3: ${result.stderr}`);
}
