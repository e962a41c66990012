import {readFileSync, writeFileSync} from 'node:fs';
import {DatabaseSync} from 'node:sqlite';
import {MigrError} from '../../source/core/errors.ts';
import {compileBundle} from '../../source/core/migrations/bundle/compile-bundle.ts';
import {reverseAll} from '../../source/core/operations/reverse.ts';
import {betterSqlite3} from '../../source/core/runtime/adapters/better-sqlite3.ts';
import {nodeSqlite} from '../../source/core/runtime/adapters/node-sqlite.ts';
import {type SqlJsDatabase, sqlJs} from '../../source/core/runtime/adapters/sql-js.ts';
import type {Bundle} from '../../source/core/runtime/bundle.ts';
import type {Connection} from '../../source/core/runtime/connection.ts';
import {createHistory, historyTable} from '../../source/core/runtime/history-table.ts';
import {type MigrateOptions, type MigrateResult, migrate} from '../../source/core/runtime/migrate.ts';
import {sameSchema} from '../../source/core/schema/equality.ts';
import {literal} from '../../source/core/schema/identifiers.ts';
import {nativeOf} from '../../source/core/sqlite/connection.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {creating, sourceOf} from './bundle-source.ts';
import {bytesOf, openBytes} from './bytes.ts';
import {broken, checkResult, remember} from './check-laws.ts';
import {upgradeOf} from './check-script.ts';
import {buildDatabase} from './database.ts';
import type {Case} from './generate/case.ts';
import {allStatements, statementsOfModel} from './generate/render.ts';

/** Applies a bundle to a database with one driver, and returns the database. Closes the given one if it returns another. */
export interface BundleRunner {
	(db: Database, bundle: Bundle, options: MigrateOptions): Promise<{readonly db: Database; readonly result: MigrateResult}>;
	/** Set for a SQLite of another version, which may compare a REAL child with an INTEGER parent differently. */
	readonly hasOtherSqlite?: true;
}

/** `kept`: the upgrade is complete, and every row is kept. `undone`: and the downgrade has restored the schema. */
export type BundleOutcome = 'kept' | 'undone' | 'refused' | 'orphans' | 'impossible';

const names = ['20260101_000000_start', '20260102_000000_change'] as const;

/**
 * Compiles a case as two migrations, the second of which is applied to existing rows, and undone again by the release before.
 *
 * @param reasons receives the reasons why cases are impossible
 */
export async function checkBundle(one: Case, run: BundleRunner, reasons: Set<string> = new Set()): Promise<BundleOutcome> {
	const {upgrade, operations, facts} = await upgradeOf(one);
	const start = creating(names[0], allStatements(statementsOfModel(one.from)));
	const bundle = await bundleOf([start, {name: names[1], upgrade: operations, downgrade: reversed(upgrade.from, operations)}]);
	if (bundle === undefined) return 'refused';
	const before = buildDatabase(one, upgrade.fixes);
	const memory = remember(before, one, upgrade);
	recordStart(before, bundle);
	const facing = {fixes: upgrade.fixes, ...facts};
	let db: Database;
	try {
		({db} = await run(before, bundle, {consent: true}));
	} catch (error) {
		if (String(error).includes('no parent row')) return 'orphans';
		// The engine lacks a module, or does not authorize one. Nothing has been changed.
		if (/needs the module|not authorized|no such module|cannot be enforced|cannot be switched off/.test(textOf(error))) {
			reasons.add(textOf(error));
			return 'impossible';
		}
		throw broken(`9: the bundle fails: ${textOf(error)}`, facing);
	}
	const history = db.tuples(`SELECT name FROM ${historyTable} ORDER BY id`).map(([name]) => name);
	if (JSON.stringify(history) !== JSON.stringify(names)) throw broken('9: the history is wrong', {history, ...facing});
	const rows = db.tuples(`SELECT * FROM ${historyTable} ORDER BY id`);
	db.exec(`DROP TABLE ${historyTable}; DELETE FROM sqlite_sequence WHERE name = '${historyTable}'`);
	// The runner has checked its indexes. Versions of SQLite write a REAL differently, which an index of an expression can contain.
	if (run.hasOtherSqlite === true) db.exec('REINDEX');
	checkResult(db, one, upgrade, memory, facing);
	if (bundle.migrations[1]?.down === null || bundle.migrations[1]?.down?.needs !== undefined) {
		db.close();
		return 'kept';
	}
	db.exec(createHistory);
	for (const row of rows) db.run(`INSERT INTO ${historyTable} VALUES (${row.map(() => '?').join(', ')})`, ...row);
	return await undone(db, bundle, run, {upgrade, facing});
}

async function undone(
	db: Database,
	{format, migrations}: Bundle,
	run: BundleRunner,
	{upgrade, facing}: {readonly upgrade: Awaited<ReturnType<typeof upgradeOf>>['upgrade']; readonly facing: Record<string, unknown>},
): Promise<BundleOutcome> {
	let old: Database;
	try {
		({db: old} = await run(db, {format, migrations: migrations.slice(0, 1)}, {downgrade: true, consent: true}));
	} catch (error) {
		// Rows may not fit the older schema, as in any downgrade.
		if (error instanceof MigrError || /constraint failed|cannot store|datatype mismatch|no parent row|UNIQUE|STRICT/.test(textOf(error)))
			return 'kept';
		throw broken(`9: the downgrade fails: ${textOf(error)}`, facing);
	}
	old.exec(`DROP TABLE ${historyTable}; DELETE FROM sqlite_sequence WHERE name = '${historyTable}'`);
	const reached = introspect(old);
	old.close();
	if (!sameSchema(reached, upgrade.from)) throw broken('9: the downgrade does not restore the schema', facing);
	return 'undone';
}

function textOf(error: unknown): string {
	if (error instanceof MigrError) return [error.code, error.message, ...error.details].join(' | ');
	return String(error);
}

/** Returns the bundle, or undefined if a migration of the case cannot be part of one. */
async function bundleOf(migrations: Parameters<typeof sourceOf>[0]): Promise<Bundle | undefined> {
	try {
		return structuredClone((await compileBundle(sourceOf(migrations))).bundle);
	} catch (error) {
		if (error instanceof MigrError && error.message.includes('cannot be enforced')) return undefined;
		throw error;
	}
}

function reversed(...parameters: Parameters<typeof reverseAll>): ReturnType<typeof reverseAll> | undefined {
	try {
		return reverseAll(...parameters);
	} catch (error) {
		if (error instanceof MigrError) return undefined;
		throw error;
	}
}

/** Records the first migration as applied. */
export function recordStart(db: Database, {migrations}: Bundle): void {
	const {name = '', checksum = ''} = migrations[0] ?? {};
	db.exec(createHistory);
	db.exec(`INSERT INTO ${historyTable} (name, checksum) VALUES (${literal(name)}, ${literal(checksum)})`);
}

export const onBetterSqlite3: BundleRunner = async (db, bundle, options) => ({
	db,
	result: await migrate(betterSqlite3(nativeOf(db)), bundle, options),
});

/** Runs with node:sqlite, through a file. */
export function onNodeSqlite(file: string): BundleRunner {
	const run: BundleRunner = async (db, bundle, options) => {
		writeFileSync(file, bytesOf(db));
		db.close();
		const other = new DatabaseSync(file, {enableForeignKeyConstraints: true});
		try {
			const result = await migrate(nodeSqlite(other), bundle, options);
			requireIntact(other.prepare('PRAGMA integrity_check').all());
			return {db: openBytes(readFileSync(file)), result};
		} finally {
			other.close();
		}
	};
	return Object.assign(run, {hasOtherSqlite: true as const});
}

/** Throws if an integrity check has found an index without a row. */
function requireIntact(found: readonly unknown[]): void {
	const text = JSON.stringify(found);
	if (/missing from index|wrong # of entries/.test(text)) throw new Error(text);
}

/** The part of sql.js that the runner uses. */
export interface SqlJs {
	readonly Database: new (bytes?: Uint8Array) => SqlJsDatabase & {export(): Uint8Array; close(): void};
}

export function onSqlJs({Database}: SqlJs): BundleRunner {
	const run: BundleRunner = async (db, bundle, options) => {
		const other = new Database(bytesOf(db));
		db.close();
		try {
			other.run('PRAGMA foreign_keys = ON');
			const result = await migrate(sqlJs(other), bundle, options);
			requireIntact(other.exec('PRAGMA integrity_check').flatMap(({values}) => values));
			return {db: openBytes(other.export()), result};
		} finally {
			other.close();
		}
	};
	return Object.assign(run, {hasOtherSqlite: true as const});
}

/** Runs with the foreign keys of the connection on, as on an engine that cannot switch them off. */
export const inTransaction: BundleRunner = async (db, bundle, options) => {
	db.exec('BEGIN');
	try {
		const result = await migrate(withoutSwitch(betterSqlite3(nativeOf(db))), bundle, options);
		db.exec('COMMIT');
		return {db, result};
	} finally {
		if (db.inTransaction) db.exec('ROLLBACK');
	}
};

function withoutSwitch(connection: Connection): Connection {
	return {...connection, features: {...connection.features, foreignKeysOff: false, legacyAlterTable: false}};
}
