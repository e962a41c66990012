import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import Native from 'better-sqlite3';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {splitStatements} from '../../source/core/ddl/split.ts';
import {diff} from '../../source/core/diff/diff.ts';
import {writeMigration} from '../../source/core/migrations/files/write.ts';
import {plan} from '../../source/core/plan/plan.ts';
import {sameSchema} from '../../source/core/schema/equality.ts';
import {quoted} from '../../source/core/schema/identifiers.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {sqliteCode} from '../../source/core/sqlite/failure.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {bytesOf} from './bytes.ts';
import {broken, checkRows, fingerprint, type Memory, remember, type Upgrade} from './check-laws.ts';
import {buildDatabase, schemaOfSql, sqlOfModel} from './database.ts';
import {type Case, caseDice, caseFrom} from './generate/case.ts';
import {tableOf} from './generate/model.ts';
import {lawSample} from './law-sample.ts';

/** Runs the text of a file with another program, and ignores errors as people do. */
interface Program {
	(database: string, text: string): void;
	/** Set if it commits the statements before an error, in its own transaction. */
	readonly commitsPart?: true;
}

const isInstalled = (command: string) => spawnSync(command, ['--version']).status === 0;
const shell =
	(given: readonly string[], first = '', last = ''): Program =>
	(database, text) => {
		spawnSync('sqlite3', [...given, database], {input: `${first}${text}\n${last}`, encoding: 'utf8'});
	};

function attempt(work: () => unknown): void {
	try {
		work();
	} catch {
		// The next check reads what the program has left.
	}
}

function withBetterSqlite3(database: string, work: (db: Native.Database) => void): void {
	const db = new Native(database);
	work(db);
	db.close();
}

const python = `
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute('PRAGMA foreign_keys = ' + sys.argv[2])
try:
    database.executescript(sys.stdin.read())
except sqlite3.Error:
    pass
database.commit()
`;

const programs: Readonly<Record<string, Program>> = {
	'better-sqlite3': (database, text) => withBetterSqlite3(database, (db) => attempt(() => db.exec(text))),
	'better-sqlite3, which commits after an error': Object.assign(
		(database: string, text: string) =>
			withBetterSqlite3(database, (db) => {
				attempt(() => db.exec(`BEGIN; ${text}`));
				attempt(() => db.exec('COMMIT'));
			}),
		{commitsPart: true as const},
	),
	'better-sqlite3, statement by statement, after errors too': (database, text) =>
		withBetterSqlite3(database, (db) => {
			for (const statement of splitStatements(text)) attempt(() => db.exec(statement.text));
		}),
	'better-sqlite3 with foreign keys off, statement by statement, after errors too': (database, text) =>
		withBetterSqlite3(database, (db) => {
			db.pragma('foreign_keys = OFF');
			for (const statement of splitStatements(text)) attempt(() => db.exec(statement.text));
		}),
	'node:sqlite': (database, text) => {
		const db = new DatabaseSync(database);
		attempt(() => db.exec(text));
		db.close();
	},
	...(isInstalled('sqlite3')
		? {
				'the sqlite3 shell': shell([]),
				'the sqlite3 shell with -bail': shell(['-bail']),
				'the sqlite3 shell with foreign keys on': shell([], 'PRAGMA foreign_keys=ON;\n'),
				'the sqlite3 shell with foreign keys on and -bail': shell(['-bail'], 'PRAGMA foreign_keys=ON;\n'),
				'the sqlite3 shell in a transaction': shell([], 'BEGIN;\n', 'COMMIT;\n'),
				'the sqlite3 shell in a transaction with foreign keys on': shell([], 'PRAGMA foreign_keys=ON;\nBEGIN;\n', 'COMMIT;\n'),
			}
		: {}),
	...(isInstalled('python3')
		? Object.fromEntries(
				['ON', 'OFF'].map((keys): [string, Program] => [
					`Python with foreign keys ${keys}`,
					// It commits after an error, like code that closes its connection in a finally block.
					Object.assign(
						(database: string, text: string) => void spawnSync('python3', ['-c', python, database, keys], {input: text, encoding: 'utf8'}),
						{
							commitsPart: true as const,
						},
					),
				]),
			)
		: {}),
};

/** What a program has done with the rows of a database. */
type Outcome = 'unchanged' | 'upgraded' | 'partly';

/**
 * Runs a migration file twice with another program, on rows that may not fit. Checks that it changes everything or nothing. Only a file whose statements
 * cannot lose a row may be applied in part.
 */
function checkFile(one: Case, program: Program, database: string): Outcome {
	const before = buildDatabase(one);
	const [from, to] = [introspect(before), schemaOfSql(sqlOfModel(one.to))];
	const {operations} = diff(from, to, one.decisions);
	const text = writeMigration('sql', from, operations);
	const upgrade: Upgrade = {from, to, planned: plan(from, operations, {portable: true}), fixes: []};
	const memory = expectedRows(before, one, upgrade);
	// The rows of other tables are dropped, as the migration says.
	const kept = one.from.tables.filter(({id}) => tableOf(one.to, id) !== undefined).map(({name}) => name);
	const counted = rowCounts(before, kept);
	writeFileSync(database, bytesOf(before));
	before.close();
	// Of the file: without a serialize function, VACUUM writes it, with virtual tables at the end.
	const written = openDatabase(database);
	const start = {contents: fingerprint(written), counts: counted};
	written.close();
	let outcome: Outcome = 'unchanged';
	let counts: readonly number[] = [];
	for (const round of ['first', 'second']) {
		program(database, text);
		const db = openDatabase(database);
		const facts = {text, round, before: start.contents, after: contentsOf(db)};
		if (facts.after === start.contents) outcome = 'unchanged';
		else if (sameSchema(introspect(db), to)) {
			// The second time, a fill may read the result of the first.
			const isUnread = facts.after === 'unread';
			if (round === 'first' && memory === 'unfit' && !isUnread) throw broken('11: a file was applied to rows that do not fit', facts);
			if (round === 'first' && memory !== 'unfit' && !isUnread) checkRows(db, memory, facts);
			const now = rowCounts(db);
			if (outcome === 'upgraded' && String(now) !== String(counts)) throw broken('11: the second run of a file has lost rows', facts);
			counts = now;
			outcome = 'upgraded';
		} else {
			if (text.includes('SAVEPOINT _lite_migr;\nCREATE TABLE') && program.commitsPart !== true)
				throw broken('11: a guarded file was applied in part', facts);
			const now = rowCounts(db);
			if (start.counts.some((count, index) => (now[index] ?? 0) < count)) throw broken('11: a file has lost rows', facts);
			outcome = 'partly';
		}
		db.close();
	}
	return outcome;
}

/** Returns everything in a database, or 'unread' if an older SQLite stored a row whose generated column does not fit its STRICT table. */
function contentsOf(db: Database): string {
	try {
		return fingerprint(db);
	} catch (error) {
		if (sqliteCode(error) === 'SQLITE_CONSTRAINT_DATATYPE') return 'unread';
		throw error;
	}
}

/** Returns what an upgrade makes of the rows, or 'unfit' if a row does not fit the new schema. */
function expectedRows(db: Database, one: Case, upgrade: Upgrade): Memory | 'unfit' {
	try {
		return remember(db, one, upgrade);
	} catch (error) {
		if (/^SQLITE_(?:CONSTRAINT|MISMATCH)/.test(sqliteCode(error) ?? '')) return 'unfit';
		throw error;
	}
}

/** Returns the number of rows of each table, the largest first. */
function rowCounts(db: Database, names = introspect(db).tables.map(({name}) => name)): readonly number[] {
	return names.map((name) => Number(db.value(`SELECT count(*) FROM ${quoted(name)}`))).toSorted((a, b) => b - a);
}

const sample = lawSample(30, 20261130);
const {numRuns: runs} = sample;

describe('a .sql migration that another program runs', () => {
	test(
		`loses no row, in ${runs} generated cases with each of ${Object.keys(programs).length} programs in turn`,
		async () => {
			const folder = mkdtempSync(join(tmpdir(), 'lite-migr-sql-files-'));
			const found: Record<Outcome, number> = {unchanged: 0, upgraded: 0, partly: 0};
			const names = Object.keys(programs);
			let count = 0;
			try {
				await fc.assert(
					fc.property(caseDice, fc.nat(), (dice, choice) => {
						const name = names[(process.env.LAWS === undefined ? count : choice) % names.length] as string;
						count += 1;
						try {
							found[checkFile(caseFrom(dice), programs[name] as Program, join(folder, `${count}.db`))] += 1;
						} catch (error) {
							throw new Error(`with ${name}`, {cause: error});
						}
					}),
					sample,
				);
			} finally {
				rmSync(folder, {recursive: true, force: true});
			}
			if (process.env.LAWS !== undefined) console.info(found);
			expect(found.upgraded).toBeGreaterThan(runs / 10);
			expect(found.unchanged).toBeGreaterThan(runs / 10);
		},
		runs * 2000,
	);
});
