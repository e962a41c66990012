import type {Schema} from '../../../../schema/schema.ts';
import {readConnectionState, resetConnection} from '../../../../sqlite/connection-state.ts';
import type {Database} from '../../../../sqlite/database.ts';
import {introspect} from '../../../../sqlite/introspect.ts';
import {clean} from '../../../../text/clean.ts';
import {thrownText} from '../../../../text/thrown.ts';
import {schemaDifferences} from '../../../replay/schema-differences.ts';
import {differingValues} from './compare-runs.ts';
import {contentOf} from './content.ts';
import {Recorder, type RecorderOptions, type Recording, type ToolConnection, textOf} from './recorder.ts';
import {type Contents, contentsOf} from './row-guard.ts';
import {withShiftedClock} from './shifted-clock.ts';

/** Runs one direction of a migration with the tool. Each way to run it has its own modules, so no run sees variables of another one. */
export type Run = (connection: ToolConnection) => Promise<void>;

export interface Runs {
	readonly first: Run;
	readonly later: Run;
	readonly withOtherCounts: Run;
}

/** One direction of a migration as statements. */
export interface RecordedMigration {
	readonly statements: readonly string[];
	/** The tables whose rows decide what the code does, in lower case. Empty if it behaves the same in every database. */
	readonly dependsOn: ReadonlySet<string>;
	/** The rows of all tables before it ran. Empty if it depends on none. */
	readonly rowsBefore: Contents;
	/** The places of values that differ in each run, such as times and random numbers. */
	readonly volatile: ReadonlySet<string>;
	readonly recording: Recording;
}

/** Why a direction of a migration cannot be written as statements. */
export interface NotRecorded {
	readonly kind: 'failed' | 'notRepeatable' | 'unknownDriver' | 'otherSchema';
	readonly error: unknown;
	/** The tables whose rows the code has read before it failed. */
	readonly rowsRead: ReadonlySet<string>;
}

export type RecorderSettings = Pick<RecorderOptions, 'driver' | 'settle'>;

interface Attempt {
	readonly recording: Recording;
	/** Undefined if the code ran to its end. */
	readonly failure: {readonly error: unknown} | undefined;
}

/**
 * Runs one direction of a migration on a database in memory, and returns its statements. The database is then as if these statements had run.
 *
 * The code runs three times on the same state. The second run is at a different time, which finds values that differ in each run. The third has
 * different row numbers and row counts, which finds statements that depend on rows of other databases.
 */
export async function recordMigration(db: Database, runs: Runs, settings: RecorderSettings): Promise<RecordedMigration | NotRecorded> {
	const state = readConnectionState(db);
	const tryOut = async <Result>(run: Run, shiftsCounts: boolean, lookAt: (tried: Attempt) => Result): Promise<Result> => {
		db.exec(`SAVEPOINT ${savepoint}`);
		try {
			return lookAt(await attempt(db, run, {...settings, shiftsCounts}));
		} finally {
			undo(db);
			resetConnection(db, state);
		}
	};
	const later = await withShiftedClock(() => tryOut(runs.later, false, (tried) => tried));
	const shifted = await tryOut(runs.withOtherCounts, true, (tried) => tried);
	// Only the result of the first run is compared with that of its statements.
	const {recording, failure, content, after} = await tryOut(runs.first, false, (tried) => ({
		...tried,
		content: dependsOnSpelling(tried.recording) ? contentOf(db) : '',
		after: introspect(db),
	}));
	const {rowsRead} = recording;
	if (failure !== undefined) return {kind: 'failed', error: failure.error, rowsRead};
	const volatile = later.failure === undefined ? differingValues(recording, later.recording) : undefined;
	if (volatile === undefined) return {kind: 'notRepeatable', error: later.failure?.error, rowsRead};
	const differing = shifted.failure === undefined ? differingValues(recording, shifted.recording) : undefined;
	const usesCounts = differing === undefined || [...differing].some((place) => !volatile.has(place));
	const dependsOn = new Set([...rowsRead, ...(usesCounts ? recording.counted : [])]);
	const rowsBefore = dependsOn.size === 0 ? new Map() : contentsOf(db);
	const statements = replayed(db, recording, content, settings);
	resetConnection(db, state);
	if (statements === undefined) return {kind: 'unknownDriver', error: undefined, rowsRead};
	if (schemaDifferences(after, introspect(db)).length > 0) return {kind: 'otherSchema', error: undefined, rowsRead};
	return {
		statements,
		dependsOn,
		rowsBefore,
		volatile,
		recording,
	};
}

/** Runs a migration on a database in memory with a different schema. Returns true if it executes the same statements there. */
export async function doesTheSame(db: Database, run: Run, {recording, volatile}: RecordedMigration, settings: RecorderSettings): Promise<boolean> {
	const state = readConnectionState(db);
	const other = await attempt(db, run, {...settings, shiftsCounts: false});
	resetConnection(db, state);
	const differing = other.failure === undefined ? differingValues(recording, other.recording) : undefined;
	return differing !== undefined && [...differing].every((place) => volatile.has(place));
}

const savepoint = '_lite_migr_try';

/** True if numbers are written differently when they have the type that the driver binds. */
function dependsOnSpelling({statements}: Pick<Recording, 'statements'>): boolean {
	return statements.some(({plain, exact}) => plain.some((value, index) => value !== exact[index]));
}

function undo(db: Database): void {
	db.exec(`ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
}

async function attempt(db: Database, run: Run, options: RecorderOptions): Promise<Attempt> {
	const recorder = new Recorder(db, options);
	try {
		await run(recorder.connection());
		return {recording: recorder.recording, failure: undefined};
	} catch (error) {
		return {recording: recorder.recording, failure: {error}};
	}
}

/**
 * Executes the recorded statements and returns their text: with numbers as a reader expects them, if that stores the same content, otherwise with the
 * types that the driver binds. Undefined if the driver is unknown and makes a difference.
 */
function replayed(db: Database, {statements}: Recording, content: string, {driver}: RecorderSettings): readonly string[] | undefined {
	const plain = statements.map((statement) => textOf(statement, 'plain'));
	const exact = statements.map((statement) => textOf(statement, 'exact'));
	db.exec(`SAVEPOINT ${savepoint}`);
	for (const text of plain) db.exec(text);
	if (!dependsOnSpelling({statements}) || contentOf(db) === content) {
		db.exec(`RELEASE ${savepoint}`);
		// In other statements, an integer may have a different effect than the same number as a REAL.
		const isOpen = driver === 'unknown' && statements.some((one) => !one.insertsRows && one.exact.some((value) => /^-?\d+\.0$/.test(value)));
		return isOpen ? undefined : plain;
	}
	undo(db);
	if (driver === 'unknown') return undefined;
	for (const text of exact) db.exec(text);
	return exact;
}

const reasons: Readonly<Record<NotRecorded['kind'], (error: unknown) => string>> = {
	failed: (error) => `it fails: ${clean(thrownText(error))}`,
	notRepeatable: () => 'it behaves differently in each run',
	unknownDriver: () => 'its values depend on the driver, which is unknown',
	otherSchema: () => 'its statements alone have a different result',
};

/**
 * Returns the statements of a downgrade, or the reason why the code cannot be one. Empty if the code does nothing. The database is unchanged
 * afterwards.
 */
export async function recordDowngrade(db: Database, runs: Runs, settings: RecorderSettings, before: Schema): Promise<readonly string[] | string> {
	db.exec(`SAVEPOINT ${savepoint}_down`);
	try {
		const recorded = await recordMigration(db, runs, settings);
		if ('kind' in recorded) return reasons[recorded.kind](recorded.error);
		// An empty function means that there is no downgrade.
		if (recorded.statements.length === 0) return [];
		if (recorded.dependsOn.size > 0) return 'it depends on the rows of the database';
		return schemaDifferences(before, introspect(db)).length > 0 ? 'it does not restore the schema' : recorded.statements;
	} finally {
		db.exec(`ROLLBACK TO ${savepoint}_down; RELEASE ${savepoint}_down`);
	}
}
