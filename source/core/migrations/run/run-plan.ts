import type {Operation} from '../../operations/operation.ts';
import type {Step} from '../../plan/step.ts';
import {historyTable} from '../../runtime/history-table.ts';
import {quoted} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import {sqliteCode} from '../../sqlite/failure.ts';
import type {MeasuredTable} from '../effects/measured-table.ts';
import type {Direction} from '../event.ts';
import type {Finding} from '../finding.ts';
import {planId, rowsDigest, shortHash} from '../plan-id.ts';
import type {Preflight} from '../preflight/preflight.ts';
import type {PreparedRun} from './prepared-run.ts';

/**
 * How to read this file. A plan is everything that a run will do. Most of it is known before anything is written: the base. The effects of
 * statements and code on rows are known only after they have run, so each migration then adds digests of the measured effects. The id is a hash of both.
 * It covers all rows that would be lost. It contains no path, time or size, so it is the same on a copy of the database.
 */
export interface RunPlan {
	/** A hash of everything known before anything is written. */
	readonly base: string;
	/** True if the id is known only after statements have run. */
	readonly isMeasured: boolean;
	/** The digests added so far. */
	readonly measured: readonly string[];
	/**
	 * Adds a digest of the effects of a migration on rows, before COMMIT: all keys of deleted rows, and the numbers of changes.
	 *
	 * @throws the error passed to `foresee` if the effects differ from those on the private copy
	 */
	add(digest: string): void;
	/** Called after each migration. The id is known after the last one. */
	finish(): void;
	/** Returns the id. Null until all statements that decide it have run. */
	id(): string | null;
	/** Sets the digests from a run on a private copy. From now on, `add` accepts only these. */
	foresee(measured: readonly string[], changed: () => Error): void;
}

/** Creates a plan without measured effects. */
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

/** Creates the plan of a prepared run. Reads all rows that would be lost, so it must run in the same snapshot as the checks. */
export function planOf(db: Database, direction: Direction, prepared: PreparedRun, {findings, deferred}: Preflight): RunPlan {
	const {migrations} = prepared;
	const base = shortHash([stateDigest(db, direction, prepared), ...findings.map((finding) => findingDigest(db, finding))]);
	const isMeasured = deferred.size > 0 || migrations.some(({steps}) => steps.some(isStatement));
	return openPlan(base, {isMeasured, migrations: migrations.length});
}

/** The digests of prepared migrations, which runs on several databases may share. */
const stateDigests = new WeakMap<PreparedRun['migrations'], string>();

/** Returns a digest of everything in a plan that depends only on the history and the schema of the database. */
function stateDigest(db: Database, direction: Direction, {state, migrations}: PreparedRun): string {
	const known = stateDigests.get(migrations);
	if (known !== undefined) return known;
	const checksums = new Map(state.files.map(({name, checksum}) => [name, checksum]));
	const digest = shortHash([
		direction,
		JSON.stringify(state.applied.map(({name, checksum}) => [name, checksum])),
		JSON.stringify([state.edited.map((name) => [name, checksums.get(name)]), state.missing]),
		schemaDigest(db),
		JSON.stringify(migrations.map(({name, checksum, origin}) => [name, checksum, origin])),
		...migrations.flatMap(({name, transaction, steps}) => [name, String(transaction), textOf(steps.map(withoutExplanation))]),
	]);
	stateDigests.set(migrations, digest);
	return digest;
}

/** True for a step whose effects on rows are known only after it has run. */
function isStatement({kind}: Step): boolean {
	return kind === 'execute' || kind === 'run';
}

/** Returns a digest of all definitions except bookkeeping and statistics. */
function schemaDigest(db: Database): string {
	return rowsDigest(
		db,
		`SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL AND lower(tbl_name) <> '${historyTable}'
			AND tbl_name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name`,
	);
}

/** Removes the location in the file, which is not part of a plan. */
function withoutOrigin({origin: _, ...operation}: Operation) {
	return operation;
}

/** Removes explanations, which are not part of a plan either. */
function withoutExplanation({reason: _, summary: __, ...step}: Step) {
	return 'operation' in step ? {...step, operation: withoutOrigin(step.operation)} : step;
}

function textOf(of: readonly {readonly kind: Step['kind']}[]): string {
	// Only user operations contain values that are not JSON.
	if (of.every(({kind}) => kind === 'statements')) return JSON.stringify(of);
	return JSON.stringify(of, (_key, value: unknown) => {
		if (typeof value === 'bigint' || typeof value === 'function') return String(value);
		return value instanceof Uint8Array ? [...value] : value;
	});
}

/** Returns a digest of a finding, including all rows and values that would be lost. */
export function findingDigest(db: Database, finding: Finding): string {
	const {migration, kind, table, column, blocking, destructive} = finding;
	const what = JSON.stringify([migration, kind, table, column, blocking, destructive]);
	return destructive ? `${what} ${lossDigest(db, finding)}` : what;
}

/** Returns a digest of what statements did to a table: all keys of deleted rows, and the numbers of changed values. */
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
		// The run creates the table, or the query fails. The count is used instead.
		if (sqliteCode(error) === undefined) throw error;
		return String(rows);
	}
}
