import {readIndex, readStatement} from '../ddl/read.ts';
import {advance, advanceIfPossible} from '../operations/advance.ts';
import {type Alteration, fillsOf, isAlteration, isOverOneRow} from '../operations/alteration.ts';
import type {ChangeTable, Operation, RenameColumn, RenameTable} from '../operations/operation.ts';
import {renameQualifier, substituteColumns} from '../operations/substitute.ts';
import {nameKey, quoted, sameName} from '../schema/identifiers.ts';
import {findColumn, findIndex, findTable} from '../schema/lookup.ts';
import type {Schema} from '../schema/schema.ts';

/** An operation with the places that it has in the migration: several where one has taken another in. */
export interface PlacedOperation {
	readonly operation: Operation;
	readonly places: readonly number[];
}

type Rename = RenameColumn | RenameTable;

/**
 * The same migration with each rename of a column or a table before the changes that were written before it, in which the names are then the new
 * ones: so these changes and those behind it are one copy. The rename of a column that the migration itself adds goes into the addition.
 *
 * A rename stays where it was written, and the changes on its two sides are made apart, where it cannot be told that the result is the same:
 * - behind `execute` and `run`, which use the names, and behind dropped views and triggers, which may have stood in the way of the rename;
 * - behind a view, a trigger or a virtual table whose text has the old or the new name, and behind a fill with a subquery;
 * - where a view or trigger that is there already waits for a name that is only made before the rename: until then SQLite renames nothing;
 * - where the new name is still another's, as in `dropColumn c`, `renameColumn b → c`.
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

/** The list with the rename at `at` as far to the front as it is of use. */
function moved(from: Schema, placed: readonly PlacedOperation[], at: number, rename: Rename): readonly PlacedOperation[] {
	const schemas = [from];
	for (const {operation} of placed.slice(0, at)) schemas.push(advance(schemas.at(-1) as Schema, operation));
	let list: readonly PlacedOperation[] | undefined;
	let passed: readonly PlacedOperation[] = [];
	for (let index = at - 1; index >= 0; index--) {
		const {operation, places} = placed[index] as PlacedOperation;
		const before = schemas[index] as Schema;
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

/** True for a change of the renamed table, or of one that refers to it. */
function isConcerned(operation: Operation, rename: Rename, after: Schema): boolean {
	// A rename that SQLite refuses is made by the copy.
	const isOwn = isAlteration(operation) || operation.kind === 'renameColumn';
	const name = operation.kind === 'createIndex' ? readIndex(operation.sql).table : isOwn ? operation.table : undefined;
	if (name === undefined) return operation.kind === 'dropIndex';
	return sameName(name, rename.table) || (findTable(after, name)?.foreignKeys.some(({parent}) => sameName(parent, rename.table)) ?? false);
}

/** A change that adds the very column that is renamed, with the new name; undefined for other changes, and where something else follows the rename. */
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

/** What an operation before the rename is behind it; undefined where that cannot be told. */
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

/** The change of a definition in the names that `after`, the schema behind the rename, has. */
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

/** True where a view or trigger names what the operation makes. */
function isAwaited(operation: Operation, before: Schema): boolean {
	const texts = [...before.views, ...before.triggers];
	if (texts.length === 0) return false;
	const names = madeBy(operation, before).map(nameKey);
	return texts.some(({mentions}) => names.some((name) => mentions.includes(name)));
}

/** The names that an operation gives to something. */
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
