import {changesSchema} from '../../ddl/statements/changes-schema.ts';
import {mentionedNames} from '../../ddl/statements/mentioned-names.ts';
import {MigrError} from '../../errors.ts';
import {advance} from '../../operations/advance.ts';
import {rebuiltBy, selectiveTrigger} from '../../operations/full-text.ts';
import type {Operation} from '../../operations/operation.ts';
import {refilledIndexes} from '../../operations/stale-indexes.ts';
import {ChangedTableError, hashIn} from '../../operations/written-for.ts';
import {nameKey, sameName} from '../../schema/identifiers.ts';
import {findColumn, findTable, findVirtualTable} from '../../schema/lookup.ts';
import {clean} from '../../text/clean.ts';
import {listBackups} from '../backup/backup-files.ts';
import type {FolderNames} from '../backup/folder-names.ts';
import {managedSchema} from '../history/managed-schema.ts';
import type {SelectedMigration} from '../history/select.ts';
import type {ProjectState} from '../history/state.ts';
import type {ReplayedMigration} from '../replay/replay.ts';
import type {ApplyOptions} from './apply-options.ts';
import type {PreparedMigration} from './prepared-run.ts';

/** Reports applied migrations whose file was renamed. */
export function renameNotices({renamed}: Pick<ProjectState, 'renamed'>): readonly string[] {
	return renamed.map(({from, to}) => `${from} is applied, and its file is now called ${to}: it does not run again`);
}

/** Reports pending migrations with the same contents as an applied one. */
export function copyNotices({pending}: Pick<ProjectState, 'pending'>, selected: readonly string[]): readonly string[] {
	return pending.flatMap(({file, copyOf}) =>
		copyOf === null || !selected.includes(file.name) ? [] : [`${file.name} has the same contents as ${copyOf}, which is applied: they run again`],
	);
}

/** Reports migrations that were marked as applied without being run, or may have been. */
export function adoptedNotices(selected: readonly SelectedMigration[]): readonly string[] {
	return selected.flatMap((one) => {
		if (one.kind !== 'adopted') return [];
		const isKnown = one.row.adopted === true;
		const fact = isKnown ? 'was marked as applied here, not run' : 'was applied by an earlier version, and may only have been marked as applied';
		return [`${one.name} ${fact}: only its record is removed, and no table changes`];
	});
}

/** Reports migrations whose downgrade does not fit their upgrade because the upgrade was edited, before they are applied. */
export function downgradeNotices(migrations: readonly PreparedMigration[]): readonly string[] {
	return migrations.flatMap(({name, after, undo}) => {
		if (!undo.some(isWrittenForOne)) return [];
		let schema = after;
		try {
			for (const operation of undo) schema = advance(schema, operation);
		} catch (error) {
			// The schema changes of plain statements are unknown here, so no other errors are reported.
			if (!(error instanceof MigrError)) throw error;
			const hash = error instanceof ChangedTableError ? hashIn(schema, error.table) : undefined;
			if (error instanceof ChangedTableError && hash !== undefined)
				return [
					`the downgrade of ${name} was written for a different definition of ${error.table} than its upgrade creates: set from to '${hash}' in its downgrade`,
				];
		}
		return [];
	});
}

/** Reports full-text indexes over rows that a migration changes without filling them again, as `create` does. */
export function outdatedIndexNotices(migrations: readonly Pick<PreparedMigration, 'name' | 'operations' | 'before'>[]): readonly string[] {
	return migrations.flatMap(({name, operations, before}) => {
		const statements = operations.flatMap((operation) => (operation.kind === 'execute' ? [operation.sql] : []));
		// The migration may fill the index itself, and the schema after its own schema changes is unknown here.
		if (statements.some(changesSchema)) return [];
		return refilledIndexes(before, operations).flatMap((fill) => {
			const index = rebuiltBy(fill) ?? '';
			if (statements.some((sql) => mentionedNames(sql).has(nameKey(index)))) return [];
			const virtual = findVirtualTable(before, index);
			const selective = virtual === undefined ? undefined : selectiveTrigger(virtual, before);
			const all = selective === undefined ? '' : `, which also adds the rows that trigger ${clean(selective.name)} omits`;
			return [
				`${name} changes rows of the full-text index ${clean(index)}, which keeps its old entries: to fill it again, execute ${clean(fill.sql)}${all}`,
			];
		});
	});
}

/** True for an operation that names the definition it was written for. */
function isWrittenForOne(operation: Operation): boolean {
	return operation.kind === 'changeTable' ? operation.from !== undefined : operation.kind === 'execute' && operation.writtenFor !== undefined;
}

/** Returns a sentence about data that undoing a migration does not restore. Undefined if it restores everything, or refills the recreated objects itself. */
export function notRestored(
	{database, backupDir}: Pick<ApplyOptions, 'database' | 'backupDir'>,
	{name, operations, before, after}: Pick<PreparedMigration, 'name' | 'operations' | 'before' | 'after'>,
	names?: FolderNames,
): string | undefined {
	if (operations.some(hasOwnStatement)) return undefined;
	const {tables, columns} = recreated(operations, {before, after});
	const parts = [
		...(tables.length > 0 ? [`${listed(tables)} ${tables.length === 1 ? 'comes' : 'come'} back empty`] : []),
		...(columns.length > 0 ? [columnsText(columns, tables.length > 0)] : []),
	];
	if (parts.length === 0) return undefined;
	const backup = listBackups(database, backupDir, names).find((one) => one.before === name);
	const where =
		backup === undefined ? `there is no backup from before ${clean(name)}` : `they are in backup ${backup.id}, taken before ${clean(name)}`;
	return `${parts.join(', and ')}: ${where}`;
}

function hasOwnStatement(operation: Operation): boolean {
	return operation.kind === 'run' || (operation.kind === 'execute' && rebuiltBy(operation) === undefined);
}

function columnsText(columns: readonly string[], isSecond: boolean): string {
	const verb = isSecond ? '' : columns.length === 1 ? ' comes back' : ' come back';
	return `${listed(columns)}${verb} without ${columns.length === 1 ? 'its' : 'their'} values`;
}

function listed(names: readonly string[]): string {
	const shown = names.map(clean);
	return shown.length <= 3 ? shown.join(', ') : `${shown.slice(0, 2).join(', ')} and ${shown.length - 2} more`;
}

interface Recreated {
	readonly tables: readonly string[];
	/** `user.nick`. */
	readonly columns: readonly string[];
}

/** Returns the tables and columns that a downgrade creates without filling them. */
function recreated(operations: readonly Operation[], {before, after}: Pick<ReplayedMigration, 'before' | 'after'>): Recreated {
	const tables: string[] = [];
	const columns: string[] = [];
	for (const table of managedSchema(after).tables) {
		const was = findTable(before, originOf(table.name, undefined, operations).table);
		if (was === undefined) tables.push(table.name);
		else {
			const isNew = (column: string) => findColumn(was, originOf(table.name, column, operations).column ?? '') === undefined;
			const added = table.columns.filter(({name, generated}) => generated === undefined && isNew(name) && !isFilled(name, operations));
			columns.push(...added.map(({name}) => `${table.name}.${name}`));
		}
	}
	return {tables, columns};
}

/** Returns the names that a table and one of its columns had before the operations renamed them. */
function originOf(table: string, column: string | undefined, operations: readonly Operation[]) {
	const now = {table, column};
	for (const operation of operations.toReversed()) {
		if (operation.kind === 'renameTable' && sameName(operation.to, now.table)) now.table = operation.table;
		else if (operation.kind === 'renameColumn' && sameName(operation.table, now.table) && sameName(operation.to, now.column ?? ''))
			now.column = operation.column;
	}
	return now;
}

function isFilled(column: string, operations: readonly Operation[]): boolean {
	return operations.some(
		(operation) =>
			(operation.kind === 'addColumn' && operation.fill !== undefined && operation.definition.toLowerCase().includes(nameKey(column))) ||
			(operation.kind === 'changeTable' && Object.keys(operation.fill).some((name) => nameKey(name) === nameKey(column))),
	);
}
