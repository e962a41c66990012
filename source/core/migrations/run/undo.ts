import type {DoneEvent} from '../event.ts';
import type {Finding} from '../finding.ts';
import type {ApplyOptions} from './apply-options.ts';
import type {RunProgress} from './run-progress.ts';

type Undo = Pick<DoneEvent, 'undo' | 'undoLimits'>;

export const nothingToUndo: Undo = {undo: [], undoLimits: null};

/**
 * Returns the commands that undo a run, and a text about what undoing the migrations does not restore. If rows or values were lost, the backup comes
 * first.
 *
 * @param applied the names of the migrations that are applied now
 */
export function undoOf(options: ApplyOptions, applied: readonly string[], progress: RunProgress): Undo {
	const {backup} = progress;
	const restore = backup === null ? [] : [`lite-migr restore ${backup.id}`];
	const structural = structuralUndo(options, applied, progress);
	const lost = lostBy(progress);
	if (lost.length === 0) return {undo: [...structural, ...restore], undoLimits: null};
	return {undo: [...restore, ...structural], undoLimits: structural.length === 0 ? null : limitsText(lost, backup?.id)};
}

function structuralUndo({direction}: ApplyOptions, applied: readonly string[], {ran}: RunProgress): readonly string[] {
	if (direction === 'downgrade') return redo(ran);
	if (!ran.every(({canUndo}) => canUndo)) return [];
	const before = applied[applied.length - ran.length - 1];
	return [before === undefined ? `lite-migr downgrade --steps ${ran.length}` : `lite-migr downgrade --to ${before}`];
}

/** Returns the commands that apply undone migrations again. Adopted migrations are marked again. Migrations without a file cannot be applied. */
function redo(ran: RunProgress['ran']): readonly string[] {
	const adopted = ran.find(({origin}) => origin === 'adopted');
	return [
		...(adopted === undefined ? [] : [`lite-migr baseline ${adopted.name}`]),
		...(ran.some(({origin}) => origin === 'file') ? ['lite-migr upgrade'] : []),
	];
}

/** Returns one text for each kind of loss that undoing does not restore. */
function lostBy({ran, found, effects}: RunProgress): readonly string[] {
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
