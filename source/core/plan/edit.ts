import {readTable} from '../ddl/read.ts';
import {reference} from '../operations/describe.ts';
import type {ColumnDelta} from '../operations/table-delta.ts';
import {nameKey, quoted, sameName} from '../schema/identifiers.ts';
import {findTable, parentColumnsOf} from '../schema/lookup.ts';
import type {Check, ForeignKey, PrimaryKey} from '../schema/schema.ts';
import type {TableItem} from './arrange.ts';
import {automaticIndexes} from './automatic-indexes.ts';
import {droppedChecks, scannedChecks, unnamedChecks} from './check-changes.ts';
import type {EditSchemaStep, Scan} from './step.ts';
import {inStoredOrder, storedText} from './stored-order.ts';
import type {TableWork} from './table-work.ts';

/** Changes that have no ALTER and leave the stored rows unchanged. */
interface Edits {
	/** The new primary key, if only its name changes. */
	readonly renamedKeys: readonly (PrimaryKey | undefined)[];
	/** Changed types with the same affinity. */
	readonly types: readonly ColumnDelta[];
	readonly addedKeys: readonly ForeignKey[];
	readonly droppedKeys: readonly ForeignKey[];
	readonly addedChecks: readonly Check[];
	/** Dropped checks that DROP CONSTRAINT cannot drop. */
	readonly droppedChecks: readonly Check[];
}

function editsOf(work: TableWork): Edits | undefined {
	const {delta, after} = work;
	const along = ({columns}: ForeignKey) => columns.length === 1 && delta.added.some(({name}) => sameName(name, columns[0] as string));
	const gone = ({columns}: ForeignKey) => columns.some((name) => delta.dropped.some((column) => sameName(column.name, name)));
	const edits: Edits = {
		renamedKeys: delta.primaryKeyName ? [after.primaryKey] : [],
		types: delta.changed.filter(({type}) => type),
		addedKeys: delta.foreignKeys.added.filter((key) => !along(key)),
		droppedKeys: delta.foreignKeys.dropped.filter((key) => !gone(key)),
		addedChecks: scannedChecks(work),
		droppedChecks: unnamedChecks(work),
	};
	return Object.values(edits).every((list) => list.length === 0) ? undefined : edits;
}

/** Explains why the definition cannot be edited although an edit is needed. Empty if it can. */
export function reasonsNotEditable(work: TableWork): readonly string[] {
	if (editsOf(work) === undefined) return [];
	if (work.isReordered) return ['its columns or keys are stored in a different order after an earlier change'];
	return editedDefinition(work) !== undefined ? [] : ['its keys are declared in a different order, which SQLite uses to find their indexes'];
}

/**
 * Returns the step that replaces the stored definition, for changes that have no ALTER (https://www.sqlite.org/lang_altertable.html#otheralter).
 * Undefined if no change needs it.
 */
export function editStep(work: TableWork): EditSchemaStep | undefined {
	const {after, before, item} = work;
	const edits = editsOf(work);
	const sql = edits === undefined ? undefined : editedDefinition(work);
	if (edits === undefined || sql === undefined) return undefined;
	const described = (key: ForeignKey) => `FOREIGN KEY (${key.columns.join(', ')}) REFERENCES ${reference(key)}`;
	const summary = [
		...edits.renamedKeys.map((key) => (key?.name === undefined ? 'PRIMARY KEY without a name' : `PRIMARY KEY named ${key.name}`)),
		...edits.types.map((change) => `${change.after.name} ${change.before.type || 'no type'} → ${change.after.type || 'no type'}`),
		...edits.addedKeys.map((key) => `add ${described(key)}`),
		...edits.addedChecks.map(({expression}) => `add CHECK (${expression.text})`),
		...edits.droppedKeys.map((key) => `drop ${described(key)}`),
		...droppedChecks(work).map(({expression}) => `drop CHECK (${expression.text})`),
	];
	const scans = [...edits.addedKeys.flatMap((key) => orphanScan(work, key)), ...edits.addedChecks.map((check) => checkScan(work, check))];
	const isScan = scans.length > 0;
	return {
		kind: 'editSchema',
		strategy: isScan ? 'scan' : 'instant',
		object: after.name,
		table: before.name,
		summary: summary.join(', '),
		reason:
			edits.addedChecks.length > 0
				? 'no row is written, each is checked against the new rule'
				: isScan
					? 'no row is written, each is looked up in the parent'
					: 'stored rows are unchanged, only the definition changes',
		operations: item.operations,
		sql,
		scans,
	};
}

/** Returns the new definition with its columns and keys in stored order. Undefined if its text cannot have that order. */
function editedDefinition(work: TableWork): string | undefined {
	const sql = inStoredOrder(work);
	return automaticIndexes(work.before).join('\n') === automaticIndexes(readTable(sql)).join('\n') ? sql : undefined;
}

/** Returns the steps that edit the tables that refer to columns renamed by the copy. */
export function referenceEdits({renames, table, operations}: TableItem): readonly EditSchemaStep[] {
	if (renames === undefined) return [];
	return renames.after.tables
		.filter((child) => !sameName(child.name, table) && child !== findTable(renames.before, child.name))
		.map((child) => ({
			kind: 'editSchema',
			strategy: 'instant',
			object: child.name,
			table: child.name,
			summary: `refer to the renamed columns of ${table}`,
			reason: 'rows do not contain names',
			operations,
			sql: storedText(child.sql, child.name),
			scans: [],
		}));
}

function checkScan({after}: TableWork, {expression}: Check): Scan {
	return {rule: `CHECK (${expression.text})`, sql: `SELECT * FROM ${quoted(after.name)} WHERE NOT (${expression.text})`};
}

/** Returns a scan for rows without a parent. */
function orphanScan({before, after, item, target}: TableWork, key: ForeignKey): readonly Scan[] {
	const parent = sameName(key.parent, after.name) ? after : findTable(item.before, key.parent);
	const parentColumns = parentColumnsOf(key, parent);
	if (parent === undefined || parentColumns.length !== key.columns.length) return [];
	// If the parent changes too, the reference is checked at the end.
	if (parent !== after && parent !== findTable(target, key.parent)) return [];
	// Changing only the action affects neither rows nor parents.
	const text = (columns: readonly string[]) => columns.map(nameKey).join('\0');
	const isSame = (other: ForeignKey) =>
		sameName(other.parent, key.parent) && text(other.columns) === text(key.columns) && text(parentColumnsOf(other, parent)) === text(parentColumns);
	if (before.foreignKeys.some(isSame)) return [];
	const child = (name: string) => `"_child".${quoted(name)}`;
	const given = key.columns.map((name) => `${child(name)} IS NOT NULL`);
	// SQLite compares with the affinity of the parent column. The unary plus removes that of the child.
	const match = key.columns.map((name, index) => `"_parent".${quoted(parentColumns[index] as string)} = +${child(name)}`);
	return [
		{
			rule: `FOREIGN KEY (${key.columns.join(', ')}) REFERENCES ${key.parent}(${parentColumns.join(', ')})`,
			sql: `SELECT * FROM ${quoted(after.name)} AS "_child" WHERE ${given.join(' AND ')} AND NOT EXISTS (SELECT 1 FROM ${quoted(parent.name)} AS "_parent" WHERE ${match.join(' AND ')})`,
		},
	];
}
