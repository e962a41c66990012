import type {Operation} from '../../operations/operation.ts';
import type {Step} from '../../plan/step.ts';
import {quoted} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import {sqliteCode} from '../../sqlite/failure.ts';
import type {MeasuredTable} from '../effects/measured-table.ts';
import type {Direction} from '../event.ts';
import type {Finding} from '../finding.ts';
import {historyTable} from '../history/foreign-tools.ts';
import {planId, rowsDigest, shortHash} from '../plan-id.ts';
import type {Preflight} from '../preflight/preflight.ts';
import type {PreparedRun} from './prepare-run.ts';

/**
 * How to read this file. A plan is everything that a run will do. Most of it is known before anything is written: that is its base. What statements
 * and code of a migration do to rows is known only when they have run: each migration then adds digests of what was measured. The id is a hash of
 * both, so it covers all rows that would be lost, and it is the same on a copy of the database: no path, time or size is part of it.
 */
export interface RunPlan {
	/** A hash of what is known before anything is written. */
	readonly base: string;
	/** True if the id is known only when statements have run. */
	readonly isMeasured: boolean;
	readonly measured: readonly string[];
	/**
	 * Adds a digest of what a migration did to rows, before COMMIT: of all keys that are gone, and of the counts of what changed.
	 *
	 * @throws what `foresee` was told to throw if a rehearsal measured something else
	 */
	add(digest: string): void;
	/** Called after each migration: after the last one the id is known. */
	finish(): void;
	/** Null while statements that decide it have not run. */
	id(): string | null;
	/** What a rehearsal measured: from now on `add` takes only that. */
	foresee(measured: readonly string[], changed: () => Error): void;
}

export function openPlan(base: string, {isMeasured, migrations}: {readonly isMeasured: boolean; readonly migrations: number}): RunPlan {
	const measured: string[] = [];
	let open = migrations;
	let foreseen: {readonly measured: readonly string[]; readonly changed: () => Error} | undefined;
	return {
		base,
		isMeasured,
		measured,
		add(digest) {
			if (foreseen !== undefined && foreseen.measured[measured.length] !== digest) throw foreseen.changed();
			measured.push(digest);
		},
		finish() {
			open--;
		},
		id: () => (isMeasured && open > 0 ? null : planId(base, measured)),
		foresee(expected, changed) {
			foreseen = {measured: expected, changed};
		},
	};
}

/** The plan of a prepared run on the rows that it was examined on; reads all rows that would be lost, in the same snapshot. */
export function planOf(db: Database, direction: Direction, {state, migrations}: PreparedRun, {findings, deferred}: Preflight): RunPlan {
	const checksums = new Map(state.files.map(({name, checksum}) => [name, checksum]));
	const base = shortHash([
		direction,
		JSON.stringify(state.applied.map(({name, checksum}) => [name, checksum])),
		JSON.stringify([state.edited.map((name) => [name, checksums.get(name)]), state.missing]),
		schemaDigest(db),
		JSON.stringify(migrations.map(({name, checksum, origin}) => [name, checksum, origin])),
		...migrations.flatMap(({name, transaction, steps}) => [name, String(transaction), textOf(steps.map(withoutExplanation))]),
		...findings.map((finding) => findingDigest(db, finding)),
	]);
	const isMeasured = deferred.size > 0 || migrations.some(({steps}) => steps.some(isStatement));
	return openPlan(base, {isMeasured, migrations: migrations.length});
}

/** True for steps whose effect on rows only running them shows. */
function isStatement({kind}: Step): boolean {
	return kind === 'execute' || kind === 'run';
}

/** The definitions of everything but bookkeeping and statistics. */
function schemaDigest(db: Database): string {
	return rowsDigest(
		db,
		`SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL AND lower(tbl_name) <> '${historyTable}'
			AND tbl_name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name`,
	);
}

/** Where a migration lies is not part of a plan. */
function withoutOrigin({origin: _, ...operation}: Operation) {
	return operation;
}

/** Explanations are not part of a plan, either. */
function withoutExplanation({reason: _, summary: __, ...step}: Step) {
	return 'operation' in step ? {...step, operation: withoutOrigin(step.operation)} : step;
}

function textOf(of: readonly object[]): string {
	return JSON.stringify(of, (_key, value: unknown) => {
		if (typeof value === 'bigint' || typeof value === 'function') return String(value);
		return value instanceof Uint8Array ? [...value] : value;
	});
}

/** What a finding says and, if something would be lost, all rows and values that would be. */
export function findingDigest(db: Database, finding: Finding): string {
	const {migration, kind, table, column, fails, destructive} = finding;
	const what = JSON.stringify([migration, kind, table, column, fails, destructive]);
	return destructive ? `${what} ${lossDigest(db, finding)}` : what;
}

/** What statements did to a table: all keys that are gone, and how many values changed. */
export function effectDigest({migration, lost, effect: {table, rowsGone, rowsChanged, columns}}: MeasuredTable): string {
	return JSON.stringify([
		migration,
		table,
		lost,
		rowsGone,
		rowsChanged,
		columns.map(({column, valuesGone, valuesChanged, merged}) => [column, valuesGone, valuesChanged, merged]),
	]);
}

function lossDigest(db: Database, {sql, rows, table}: Finding): string {
	if (rows === 0) return '0';
	try {
		return rowsDigest(db, sql ?? `SELECT * FROM ${quoted(table)}`);
	} catch (error) {
		// A table that only the run makes, or a query of a migration that fails: then the count has to do.
		if (sqliteCode(error) === undefined) throw error;
		return String(rows);
	}
}
