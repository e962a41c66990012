import {existsSync} from 'node:fs';
import {basename} from 'node:path';
import {forPrograms} from '../../errors.ts';
import type {Direction, DoneEvent, FailedEvent} from '../event.ts';
import type {AppliedMigration} from '../files/migration.ts';
import type {Finding} from '../finding.ts';
import {newestName} from '../history/state.ts';
import {asProblem} from '../problem.ts';
import type {ApplyOptions} from './apply-options.ts';
import type {Journal} from './journal.ts';
import type {Run} from './run.ts';

/** Returns the last event of a run that succeeded. */
export function doneEvent({options, journal}: Run): DoneEvent {
	const {direction, database, dryRun = false} = options;
	const {applied = []} = journal;
	return {
		type: 'done',
		direction,
		database,
		applied: journal.ran.map(({name, durationMs, steps}) => ({name, durationMs, steps})),
		currentMigration: newestName(applied),
		backup: journal.backup?.path ?? null,
		plan: journal.ran.length === 0 ? null : (journal.plan?.id() ?? null),
		...(dryRun || journal.ran.length === 0 ? nothingToUndo : undoOf(direction, applied, journal)),
		durationMs: Math.round(performance.now() - journal.started),
		dryRun,
	};
}

/** Returns the last event of a run that failed. An unknown error is reported as a bug in lite-migr. */
export function failedEvent(error: unknown, options: ApplyOptions, journal: Journal): FailedEvent {
	const problem = asProblem(error, options.database);
	return {
		type: 'failed',
		code: problem.code,
		message: problem.message,
		hint: (options.isProgram === true ? forPrograms(problem) : problem).hint ?? null,
		location: problem.location ?? null,
		details: problem.details,
		migration: journal.current,
		state: stateAfter(options, journal),
		committed: options.dryRun === true ? [] : journal.committed,
		backup: journal.backup?.path ?? null,
		plan: journal.plan?.id() ?? null,
		...(journal.refused === undefined ? {} : {tables: journal.refused}),
	};
}

function stateAfter({database, dryRun}: ApplyOptions, {applied, committed, current, hasWritten, isOutside}: Journal): string {
	const name = basename(database);
	if (dryRun === true) return `a dry run: ${name} is untouched`;
	if (applied === undefined)
		return `nothing was written: ${name} ${database === ':memory:' || existsSync(database) ? 'is unchanged' : 'does not exist'}`;
	const at = newestName(applied);
	const place = `${name} ${at === null ? 'has no migrations applied' : `is ${hasWritten && committed.length === 0 ? 'still ' : ''}at ${at}`}`;
	if (isOutside) return `${current} runs outside a transaction, so its changes so far remain: ${place}`;
	if (!hasWritten) return `nothing was written: ${place}`;
	if (committed.length === 0) return `everything was rolled back: ${place}`;
	return `${place}: ${committed.join(', ')} ${committed.length === 1 ? 'was' : 'were'} committed before${current === null ? '' : `, ${current} was rolled back`}`;
}

type Undo = Pick<DoneEvent, 'undo' | 'undoLimits'>;

const nothingToUndo: Undo = {undo: [], undoLimits: null};

/**
 * Returns the commands that undo a run, and a text about what undoing the migrations does not restore. If rows or values were lost, the backup comes
 * first.
 *
 * @param applied the migrations that are applied now
 */
function undoOf(direction: Direction, applied: readonly AppliedMigration[], journal: Journal): Undo {
	const {backup} = journal;
	const restore = backup === null ? [] : [`lite-migr restore ${backup.id}`];
	const structural = structuralUndo(direction, applied, journal);
	const lost = lostBy(journal);
	if (lost.length === 0) return {undo: [...structural, ...restore], undoLimits: null};
	return {undo: [...restore, ...structural], undoLimits: structural.length === 0 ? null : limitsText(lost, backup?.id)};
}

function structuralUndo(direction: Direction, applied: readonly AppliedMigration[], {ran}: Journal): readonly string[] {
	if (direction === 'downgrade') return redo(ran);
	if (!ran.every(({canUndo}) => canUndo)) return [];
	const before = applied[applied.length - ran.length - 1]?.name;
	return [before === undefined ? `lite-migr downgrade --steps ${ran.length}` : `lite-migr downgrade --to ${before}`];
}

/** Returns the commands that apply undone migrations again. Adopted migrations are marked again. Migrations without a file cannot be applied. */
function redo(ran: Journal['ran']): readonly string[] {
	const adopted = ran.find(({origin}) => origin === 'adopted');
	return [
		...(adopted === undefined ? [] : [`lite-migr baseline ${adopted.name}`]),
		...(ran.some(({origin}) => origin === 'file') ? ['lite-migr upgrade'] : []),
	];
}

/** Returns one text for each kind of loss that undoing does not restore. */
function lostBy({ran, found, effects}: Journal): readonly string[] {
	const hasRun = (migration: string) => ran.some(({name}) => name === migration);
	const findings = [...found.values()].filter(({destructive, rows, migration}) => destructive && rows > 0 && hasRun(migration));
	const tables = effects.flatMap((event) => (hasRun(event.migration) ? event.tables : []));
	return [
		...new Set([
			...findings.map(lossText),
			...(tables.some(({rowsGone}) => rowsGone > 0) ? [rowsStay] : []),
			...(tables.some(({columns}) => columns.some(({valuesGone, merged}) => valuesGone > 0 || merged)) ? [valuesStay] : []),
		]),
	];
}

const rowsStay = 'deleted rows stay deleted';
const valuesStay = 'changed values stay changed';

function lossText({kind, table, column}: Finding): string {
	if (kind === 'dropTable') return `${table} comes back empty`;
	if (kind === 'dropColumn') return `${table}.${column} comes back without its values`;
	return kind === 'deleteRows' ? rowsStay : valuesStay;
}

/** The maximum number of losses to list in one line. */
const most = 2;

function limitsText(lost: readonly string[], backup: string | undefined): string {
	const what = lost.length > most ? 'dropped tables and columns come back empty, deleted rows stay deleted' : lost.join(', ');
	return `structure only: ${what}${backup === undefined ? '' : `; the rows are in backup ${backup}`}`;
}
