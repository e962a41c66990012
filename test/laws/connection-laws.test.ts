import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import BetterSqlite3 from 'better-sqlite3';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {writeMigration} from '../../source/core/migrations/files/write.ts';
import {historyTable} from '../../source/core/runtime/history-table.ts';
import {sameSchema} from '../../source/core/schema/equality.ts';
import {quoted} from '../../source/core/schema/identifiers.ts';
import {connect} from '../../source/core/sqlite/connection.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {adoptNative} from '../../source/core/sqlite/driver/adopt.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {type ApplyEvent, type ApplyRequest, apply, folder, type OpenConnection} from '../../source/index.ts';
import {projectFolder} from '../project-folder.ts';
import {bytesOf} from './bytes.ts';
import {upgradeOf} from './check-script.ts';
import {buildDatabase} from './database.ts';
import {type Case, caseDice, caseFrom} from './generate/case.ts';
import {lawSample} from './law-sample.ts';

const sample = lawSample(8, 20261130);
const {numRuns: runs} = sample;

type Opened = OpenConnection & {exec(sql: string): unknown; close(): unknown};

/** Opens the bytes of a database, in memory or from a file. */
const ways: readonly [string, (bytes: Uint8Array, file: string) => Opened][] = [
	['better-sqlite3, in memory', (bytes) => new BetterSqlite3(Buffer.from(bytes)) as unknown as Opened],
	['better-sqlite3, on disk', (bytes, file) => new BetterSqlite3(written(bytes, file)) as unknown as Opened],
	['node:sqlite, in memory', (bytes) => deserialized(bytes)],
	['node:sqlite, on disk', (bytes, file) => new DatabaseSync(written(bytes, file)) as unknown as Opened],
];

function written(bytes: Uint8Array, file: string): string {
	writeFileSync(file, bytes);
	return file;
}

function deserialized(bytes: Uint8Array): Opened {
	const db = new DatabaseSync(':memory:');
	db.deserialize(bytes);
	return db as unknown as Opened;
}

async function endOf(request: ApplyRequest): Promise<ApplyEvent | undefined> {
	let last: ApplyEvent | undefined;
	for await (const event of apply(request)) last = event;
	return last;
}

/** Returns all rows with their rowids and types, and the sequences. A sequence of 0 is the same as none. */
function rowsOf(db: Database): unknown {
	const {tables} = introspect(db);
	const rows = tables
		.filter(({name}) => name !== historyTable)
		.map(({name, withoutRowid, columns}) => {
			const taken = new Set(columns.map((column) => column.name.toLowerCase()));
			const rowid = withoutRowid ? undefined : ['rowid', '_rowid_', 'oid'].find((alias) => !taken.has(alias));
			const values = columns.map((column) => `quote(${quoted(column.name)})`).toSorted();
			return [
				name.toLowerCase(),
				db
					.tuples(`SELECT ${[...(rowid === undefined ? [] : [rowid]), ...values].join(', ')} FROM ${quoted(name)}`)
					.map(String)
					.toSorted(),
			];
		});
	const hasSequence = db.value("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'") === 1;
	return [
		rows.toSorted(),
		hasSequence ? db.tuples(`SELECT lower(name), seq FROM sqlite_sequence WHERE name <> '${historyTable}' AND seq <> 0 ORDER BY 1`) : [],
	];
}

/** Checks one way to run a case. Returns whether the run succeeded on a path, and so on the connection. */
async function check(one: Case, open: (typeof ways)[number][1], inTransaction: boolean): Promise<boolean> {
	const {upgrade, operations} = await upgradeOf(one);
	const db = buildDatabase(one, upgrade.fixes);
	const bytes = bytesOf(db);
	db.close();
	const project = projectFolder();
	project.write('migrations/20260101_000000_change.ts', String(writeMigration('ts', upgrade.from, operations)));
	const at = (name: string) => join(project.path, name);
	const migrations = folder(project.migrationsDir);

	const end = await endOf({database: written(bytes, at('path.db')), migrations, consent: true, backup: 'never'});
	const connection = open(bytes, at('connection.db'));
	connection.exec('PRAGMA foreign_keys = ON');
	if (inTransaction) connection.exec('BEGIN');
	const own = adoptNative(connection);
	if (own === undefined) throw new Error('the connection was not recognized');
	const same = connect(own.native, ':memory:');
	const before = rowsOf(same);
	const other = await endOf({database: connection, migrations, consent: true});
	try {
		const expected = openDatabase(at('path.db'), {readonly: true});
		// A script cannot run on a foreign key that SQLite cannot enforce, and says so.
		const isRefused = inTransaction && other?.type === 'failed' && (other.code === 'plan' || other.code === 'database');
		if (!isRefused) expect(other?.type, JSON.stringify(other)).toBe(end?.type);
		if (other?.type === 'done') {
			expect(sameSchema(introspect(same), introspect(expected)), JSON.stringify(operations)).toBe(true);
			expect(rowsOf(same)).toEqual(rowsOf(expected));
		} else expect(rowsOf(same)).toEqual(before);
		expect(same.inTransaction).toBe(inTransaction);
		if (inTransaction) {
			connection.exec('ROLLBACK');
			expect(rowsOf(same)).toEqual(before);
		}
		expected.close();
		return other?.type === 'done';
	} finally {
		connection.close();
	}
}

/** node:sqlite in Node.js 22 cannot read or write the bytes of a database in memory, and refuses such runs (`open-connection.test.ts`). */
const possible = 'serialize' in DatabaseSync.prototype ? ways : ways.filter(([name]) => name.startsWith('better-sqlite3'));

describe.each(possible)('a run on an open connection of %s', (_name, open) => {
	test.each([false, true])(
		`gives the same schema and rows as on the path in ${runs} generated cases (in a transaction: %s)`,
		async (inTransaction) => {
			let succeeded = 0;
			await fc.assert(
				fc.asyncProperty(caseDice, async (dice) => {
					if (await check(caseFrom(dice), open, inTransaction)) succeeded++;
				}),
				sample,
			);
			expect(succeeded).toBeGreaterThan(runs / 2);
		},
		runs * 5000 + 60_000,
	);
});
