import {copyFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {DoneEvent, FailedEvent} from '../../source/core/migrations/event.ts';
import {apply} from '../../source/core/migrations/run/apply.ts';
import type {ApplyOptions} from '../../source/core/migrations/run/apply-options.ts';
import {quoted} from '../../source/core/schema/identifiers.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {stateOf} from '../faults/database-state.ts';
import {lawSample} from './law-sample.ts';

/** Independent migrations. Some lose data, others do not. */
const migrations: readonly (readonly [name: string, up: string, down: string])[] = [
	['1_log', `op.dropTable('log');`, `op.createTable('CREATE TABLE log (id INTEGER PRIMARY KEY, line TEXT)');`],
	['2_nick', `op.dropColumn('user', 'nick');`, `op.addColumn('user', 'nick TEXT');`],
	['3_age', `op.addColumn('user', 'age INTEGER DEFAULT 7');`, `op.dropColumn('user', 'age');`],
	[
		'4_zip',
		`op.changeTable('address', 'CREATE TABLE address (id INTEGER PRIMARY KEY, zip INTEGER)');`,
		`op.changeTable('address', 'CREATE TABLE address (id INTEGER PRIMARY KEY, zip TEXT)');`,
	],
	['5_session', `op.execute('DELETE FROM session WHERE id > 2');`, ''],
	['6_tag', `op.createTable('CREATE TABLE tag (id INTEGER PRIMARY KEY, t TEXT)');`, `op.dropTable('tag');`],
	['7_count', `op.execute('UPDATE counter SET n = n + 1');`, `op.execute('UPDATE counter SET n = n - 1');`],
];

const start = `
	CREATE TABLE log (id INTEGER PRIMARY KEY, line TEXT); INSERT INTO log VALUES (1, 'one'), (2, 'two'), (3, NULL);
	CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, nick TEXT); INSERT INTO user VALUES (1, 'Ann', 'a'), (2, 'Bob', NULL);
	CREATE TABLE address (id INTEGER PRIMARY KEY, zip TEXT); INSERT INTO address VALUES (1, '007'), (2, '12'), (3, 'x');
	CREATE TABLE session (id INTEGER PRIMARY KEY, t TEXT); INSERT INTO session VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd');
	CREATE TABLE counter (n INTEGER); INSERT INTO counter VALUES (1);
	CREATE TABLE quiet (x); INSERT INTO quiet VALUES (1);`;

interface Project {
	readonly database: string;
	readonly migrationsDir: string;
	exec(sql: string): void;
	run(options: Partial<ApplyOptions>): Promise<DoneEvent | FailedEvent>;
	file(name: string, up: string, down: string): void;
}

/** An event between showing a plan and running it. */
type Interference = (project: Project, chosen: readonly string[]) => unknown;

/** These change nothing that a plan shows, so they must not stop it. */
const harmless: Readonly<Record<string, Interference>> = {
	nothing: () => {},
	'rows of a table without changes': ({exec}) => exec('INSERT INTO quiet VALUES (2); UPDATE quiet SET x = 3'),
	'names of users': ({exec}) => exec("UPDATE user SET name = 'Anna' WHERE id = 1"),
	'a session that is kept': ({exec}) => exec("UPDATE session SET t = 'z' WHERE id = 1"),
	'a code that fits the new type': ({exec}) => exec("INSERT INTO address VALUES (9, '34')"),
	'the layout of the file': ({exec}) => exec('VACUUM'),
};

const interferences: Readonly<Record<string, Interference>> = {
	...harmless,
	'one more row in log': ({exec}) => exec("INSERT INTO log VALUES (9, 'nine')"),
	'one row less in log': ({exec}) => exec('DELETE FROM log WHERE id = 1'),
	'another key in log': ({exec}) => exec('UPDATE log SET id = 8 WHERE id = 2'),
	'another value in log': ({exec}) => exec("UPDATE log SET line = 'other' WHERE id = 2"),
	'one more nickname': ({exec}) => exec("UPDATE user SET nick = 'bo' WHERE id = 2"),
	'another nickname': ({exec}) => exec("UPDATE user SET nick = 'b' WHERE id = 1"),
	'another user': ({exec}) => exec("INSERT INTO user VALUES (3, 'Cleo', 'c')"),
	'a code that changes': ({exec}) => exec("INSERT INTO address VALUES (9, '0034')"),
	'one more session': ({exec}) => exec("INSERT INTO session VALUES (5, 'e')"),
	'a replaced session': ({exec}) => exec("DELETE FROM session WHERE id = 4; INSERT INTO session VALUES (6, 'f')"),
	'a table created by hand': ({exec}) => exec('CREATE TABLE by_hand (x)'),
	'an index created by hand': ({exec}) => exec('CREATE INDEX by_name ON user (name)'),
	'a trigger that deletes': ({exec}) => exec('CREATE TRIGGER t AFTER UPDATE ON counter BEGIN DELETE FROM quiet; END'),
	'a column added by hand': ({exec}) => exec('ALTER TABLE log ADD COLUMN more TEXT'),
	'one migration applied by another program': ({run}) => run({steps: 1, consent: true}),
	'all migrations applied by another program': ({run}) => run({consent: true}),
	'a downgrade by another program': ({run}) => run({direction: 'downgrade', consent: true}),
	'a comment in a file': ({file}, chosen) => {
		const [name, up, down] = migrations.find(([one]) => one === chosen.at(-1))!;
		file(name, `${up} // edited`, down);
	},
	'another operation in a file': ({file}, chosen) => file(chosen.at(-1)!, `op.dropTable('quiet');`, `op.dropTable('quiet');`),
	'another migration': ({file}) => file('8_more', `op.dropTable('quiet');`, `op.createTable('CREATE TABLE quiet (x)');`),
	'a removed file': ({migrationsDir}, chosen) => rmSync(join(migrationsDir, `${chosen.at(-1)}.ts`)),
	'a renamed file': ({migrationsDir}, chosen) => renameSync(join(migrationsDir, `${chosen.at(-1)}.ts`), join(migrationsDir, '9_renamed.ts')),
};

function openProject(folder: string): Project {
	const database = join(folder, 'app.db');
	const migrationsDir = join(folder, 'migrations');
	return {
		database,
		migrationsDir,
		exec: (sql) => within(database, (db) => db.exec(sql)),
		async run(options) {
			let last: DoneEvent | FailedEvent | undefined;
			const request: ApplyOptions = {
				database,
				migrationsDir,
				direction: 'upgrade',
				backup: 'auto',
				toolVersion: '1.0.0',
				consent: false,
				wait: 1,
				...options,
			};
			for await (const event of apply(request)) if (event.type === 'done' || event.type === 'failed') last = event;
			return last!;
		},
		file: (name, up, down) =>
			writeFileSync(join(migrationsDir, `${name}.ts`), `export function upgrade(op) { ${up} }\nexport function downgrade(op) { ${down} }\n`),
	};
}

function within<T>(database: string, work: (db: Database) => T): T {
	const db = openDatabase(database, {create: true});
	try {
		return work(db);
	} finally {
		db.close();
	}
}

/** Returns every value with its table, key and column, except those of `counter`, which statements change on purpose. */
function valuesIn(database: string): ReadonlySet<string> {
	return within(database, (db) => {
		const tables = db.all(
			"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('counter', '_lite_migr') AND name NOT LIKE 'sqlite%'",
		);
		return new Set(
			tables.flatMap(({name}) =>
				db
					.all(`SELECT rowid AS "the key", * FROM ${quoted(String(name))}`)
					.flatMap((row) => Object.entries(row).map(([column, value]) => `${name} ${row['the key']} ${column} ${value}`)),
			),
		);
	});
}

function lost(before: ReadonlySet<string>, after: ReadonlySet<string>): readonly string[] {
	return [...before].filter((value) => !after.has(value)).sort();
}

async function check({
	picked,
	back,
	interference,
}: {
	readonly picked: readonly number[];
	readonly back: number;
	readonly interference: string;
}): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-plan-'));
	try {
		mkdirSync(join(folder, 'migrations'));
		const project = openProject(folder);
		const chosen = [...new Set(picked)].sort().map((index) => migrations[index]![0]);
		for (const [name, up, down] of migrations) if (chosen.includes(name)) project.file(name, up, down);
		project.exec(start);
		const request: Partial<ApplyOptions> = back === 0 ? {} : {direction: 'downgrade', steps: Math.min(back, chosen.length)};
		if (back > 0) {
			expect(await project.run({consent: true})).toMatchObject({type: 'done'});
			if (chosen.includes('6_tag')) project.exec("INSERT INTO tag VALUES (1, 'x')");
		}
		const shown = await project.run({...request, dryRun: true});
		expect(shown).toMatchObject({type: 'done', plan: expect.stringMatching(/^[0-9a-f]{8}$/)});
		if (shown.type !== 'done' || shown.plan === null) return;
		// Run with consent on a copy, to find what is lost.
		const copy = openProject(mkdtempSync(join(folder, 'copy-')));
		mkdirSync(copy.migrationsDir);
		for (const file of readdirSync(project.migrationsDir)) copyFileSync(join(project.migrationsDir, file), join(copy.migrationsDir, file));
		copyFileSync(project.database, copy.database);
		const original = valuesIn(copy.database);
		expect(await copy.run({...request, consent: true})).toMatchObject({type: 'done', plan: shown.plan});
		const named = lost(original, valuesIn(copy.database));

		try {
			await interferences[interference]!(project, chosen);
		} catch (error) {
			// After another downgrade, some tables do not exist. Then nothing has changed.
			if (!/no such|already exists|UNIQUE|has no column|has \d+ columns|table \w+ has/.test(String(error))) throw error;
		}
		const before = valuesIn(project.database);
		const state = stateOf(project.database).contents;
		const ended = await project.run({...request, plan: shown.plan});
		if (ended.type === 'failed') {
			expect(Object.keys(harmless)).not.toContain(interference);
			expect(stateOf(project.database).contents).toBe(state);
			expect(ended.committed).toEqual([]);
		} else {
			expect(ended.applied.map(({name}) => name)).toEqual(shown.applied.map(({name}) => name));
			expect(lost(before, valuesIn(project.database))).toEqual(named);
		}
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}

const sample = lawSample(15, 20261130);
const {numRuns: runs} = sample;

describe('a plan', () => {
	test(
		`runs as shown, or stops with the database unchanged, regardless of what happens in between, for ${runs} plans`,
		async () => {
			const cases = fc.record({
				picked: fc.array(fc.nat(migrations.length - 1), {minLength: 1, maxLength: 5}),
				back: fc.constantFrom(0, 0, 1, 2),
				interference: fc.constantFrom(...Object.keys(interferences)),
			});
			await fc.assert(fc.asyncProperty(cases, check), sample);
		},
		runs * 2000,
	);

	test.each(Object.keys(interferences))('of all migrations runs as shown, or stops: %s', async (interference) => {
		await check({picked: migrations.map((_, index) => index), back: 0, interference});
	});
});
