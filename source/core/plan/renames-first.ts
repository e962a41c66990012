import {doubleQuotedStrings, readIndex, readStatement} from '../ddl/read.ts';
import {advance, advanceIfPossible} from '../operations/advance.ts';
import {type Alteration, fillsOf, isAlteration, isOverOneRow} from '../operations/alteration.ts';
import type {ChangeTable, Operation, RenameColumn, RenameTable} from '../operations/operation.ts';
import {renameQualifier, substituteColumns} from '../operations/substitute.ts';
import {nameKey, quoted, sameName} from '../schema/identifiers.ts';
import {findColumn, findIndex, findTable} from '../schema/lookup.ts';
import type {Schema} from '../schema/schema.ts';

/** An operation with its positions in the migration. It has several if other operations were merged into it. */
export interface PlacedOperation {
	readonly operation: Operation;
	readonly places: readonly number[];
}

type Rename = RenameColumn | RenameTable;

/**
 * Moves each rename of a column or table before the changes that were written before it, and translates these changes to the new names. So they need
 * only one copy together with the changes after the rename. The rename of a column that the migration itself adds is merged into the addition.
 *
 * A rename keeps its position, and the changes before and after it are applied separately, if the result might differ:
 * - after `execute` and `run`, which use the names, and after dropped views and triggers, which may have prevented the rename
 * - after a view, a trigger or a virtual table whose text contains the old or the new name, and after a fill with a subquery
 * - if an existing view or trigger refers to a name that is only created before the rename: until then SQLite cannot rename anything
 * - after a change of a table with strings in double quotes, which SQLite cannot rename anything with
 * - if the new name is still used, as in `dropColumn c`, `renameColumn b → c`
 */
export function renamesFirst(from: Schema, operations: readonly Operation[]): readonly PlacedOperation[] {
	let placed: readonly PlacedOperation[] = operations.map((operation, place) => ({operation, places: [place]}));
	for (const rename of operations) {
		if (rename.kind !== 'renameColumn' && rename.kind !== 'renameTable') continue;
		const at = placed.findIndex(({operation}) => operation === rename);
		placed = moved(from, placed, at, rename);
	}
	return placed;
}

/** Returns the list with the rename at `at` moved as far to the front as useful. */
function moved(from: Schema, placed: readonly PlacedOperation[], at: number, rename: Rename): readonly PlacedOperation[] {
	const schemas = [from];
	for (const {operation} of placed.slice(0, at)) schemas.push(advance(schemas.at(-1) as Schema, operation));
	let list: readonly PlacedOperation[] | undefined;
	let passed: readonly PlacedOperation[] = [];
	for (let index = at - 1; index >= 0; index--) {
		const {operation, places} = placed[index] as PlacedOperation;
		const before = schemas[index] as Schema;
		if (isStringFix(operation, before)) break;
		const around = (operations: readonly PlacedOperation[]) => [...placed.slice(0, index), ...operations, ...passed, ...placed.slice(at + 1)];
		const own = placed[at] as PlacedOperation;
		const taken = takenIn(operation, rename, before);
		if (taken !== undefined) return around([{operation: taken, places: [...places, ...own.places]}]);
		const renamed = afterRename(operation, rename, before);
		if (renamed === undefined) break;
		passed = [{operation: renamed, places}, ...passed];
		if (isConcerned(operation, rename, schemas[index + 1] as Schema)) list = [...placed.slice(0, index), own, ...passed, ...placed.slice(at + 1)];
	}
	return list ?? placed;
}

/** True for a change of a table that has strings in double quotes, because SQLite cannot rename anything while it has them. */
function isStringFix(operation: Operation, before: Schema): boolean {
	const table = operation.kind === 'changeTable' ? findTable(before, operation.table) : undefined;
	return table !== undefined && doubleQuotedStrings(table).length > 0;
}

/** True for a change of the renamed table, or of a table that refers to it. */
function isConcerned(operation: Operation, rename: Rename, after: Schema): boolean {
	// The copy applies a rename that SQLite refuses.
	const isOwn = isAlteration(operation) || operation.kind === 'renameColumn';
	const name = operation.kind === 'createIndex' ? readIndex(operation.sql).table : isOwn ? operation.table : undefined;
	if (name === undefined) return operation.kind === 'dropIndex';
	return sameName(name, rename.table) || (findTable(after, name)?.foreignKeys.some(({parent}) => sameName(parent, rename.table)) ?? false);
}

/** Returns a change that adds the renamed column under its new name. Undefined for other changes, and if anything else depends on the rename. */
function takenIn(operation: Operation, rename: Rename, before: Schema): ChangeTable | undefined {
	if (rename.kind !== 'renameColumn' || !isAlteration(operation) || !sameName(operation.table, rename.table)) return undefined;
	const was = findTable(before, operation.table);
	if (was === undefined || findColumn(was, rename.column) !== undefined) return undefined;
	const between = advance(before, operation);
	const after = advance(between, rename);
	const isAlone = after.tables.every((table) => sameName(table.name, rename.table) || findTable(between, table.name) === table);
	const isNamed = [...between.views, ...between.triggers].some(({mentions}) => mentions.includes(nameKey(rename.column)));
	return isAlone && !isNamed ? definitionAfter(operation, rename, after) : undefined;
}

/** Translates an operation before the rename to one after it. Returns undefined if that is not safe. */
function afterRename(operation: Operation, rename: Rename, before: Schema): Operation | undefined {
	const renamed = advanceIfPossible(before, rename);
	if (renamed === undefined || isAwaited(operation, before)) return undefined;
	const after = advance(advance(before, operation), rename);
	const moved = spelledAfter(operation, rename, after);
	return moved === undefined || advanceIfPossible(renamed, moved) === undefined ? undefined : moved;
}

function spelledAfter(operation: Operation, rename: Rename, after: Schema): Operation | undefined {
	const names = [rename.kind === 'renameColumn' ? rename.column : rename.table, rename.to].map(nameKey);
	const isNamed = (sql: string) => names.some((name) => nameKey(sql).includes(name));
	switch (operation.kind) {
		case 'addColumn':
		case 'dropColumn':
		case 'changeTable':
			return definitionAfter(operation, rename, after);
		case 'createIndex': {
			const index = findIndex(after, readIndex(operation.sql).name);
			return index === undefined ? undefined : {...operation, sql: index.sql};
		}
		case 'createTable': {
			const created = readStatement(operation.sql);
			if (created?.kind !== 'table') return isNamed(operation.sql) ? undefined : operation;
			const table = findTable(after, created.name);
			return table === undefined ? undefined : {...operation, sql: table.sql};
		}
		case 'createView':
		case 'createTrigger':
			return isNamed(operation.sql) ? undefined : operation;
		case 'renameTable':
		case 'renameColumn':
			return sameName(operation.table, rename.table) || sameName(operation.to, rename.table) ? undefined : operation;
		case 'dropIndex':
		case 'dropTable':
			return operation;
		case 'dropView':
		case 'dropTrigger':
		case 'execute':
		case 'run':
			return undefined;
	}
}

/** Returns the change of a definition with the names in `after`, the schema after the rename. */
function definitionAfter(operation: Alteration, rename: Rename, after: Schema): ChangeTable | undefined {
	const isOwn = sameName(operation.table, rename.table);
	const name = isOwn && rename.kind === 'renameTable' ? rename.to : operation.table;
	const table = findTable(after, name);
	const fills = [...fillsOf(operation)];
	if (table === undefined || !fills.every(([, fill]) => isOverOneRow(fill))) return undefined;
	const renamed = fills.map(([column, fill]): [string, string] => {
		if (!isOwn) return [column, fill];
		if (rename.kind === 'renameTable') return [column, renameQualifier(fill, rename.table, quoted(rename.to))];
		const substitution = new Map([[nameKey(rename.column), quoted(rename.to)]]);
		return [sameName(column, rename.column) ? rename.to : column, substituteColumns(fill, rename.table, substitution)];
	});
	const drops = operation.kind === 'changeTable' && operation.dropsIndexes === true ? {dropsIndexes: true as const} : {};
	return {kind: 'changeTable', table: name, sql: table.sql, fill: Object.fromEntries(renamed), ...drops};
}

/** True if an existing view or trigger refers to a name that the operation creates. */
function isAwaited(operation: Operation, before: Schema): boolean {
	const texts = [...before.views, ...before.triggers];
	if (texts.length === 0) return false;
	const names = madeBy(operation, before).map(nameKey);
	return texts.some(({mentions}) => names.some((name) => mentions.includes(name)));
}

/** Returns the names that an operation creates: unlike `touchedBy`, new columns too, but no names that existed before. */
function madeBy(operation: Operation, before: Schema): readonly string[] {
	switch (operation.kind) {
		case 'createTable':
			return [readStatement(operation.sql)?.name ?? ''];
		case 'renameTable':
		case 'renameColumn':
			return [operation.to];
		case 'addColumn':
		case 'changeTable': {
			const [was, is] = [findTable(before, operation.table), findTable(advance(before, operation), operation.table)];
			return (is?.columns ?? []).filter(({name}) => was === undefined || findColumn(was, name) === undefined).map(({name}) => name);
		}
		default:
			return [];
	}
}
