import type {Operation} from '../../operations/operation.ts';
import {literal, nameKey, sameName} from '../../schema/identifiers.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {createdTableIn} from '../replay/created-in.ts';
import {renameIn} from '../replay/rename-in.ts';

export interface Violation {
	readonly table: string;
	readonly parent: string;
	readonly count: number;
	/** `rowid 17`; complete up to a hundred thousand. */
	readonly rows: ReadonlySet<string>;
}

/** Rows without a parent, by child table and parent table. */
export type ForeignKeyViolations = ReadonlyMap<string, Violation>;

const most = 100_000;

/**
 * Rows that break a foreign key of these tables, or one of other tables that refers to them (https://www.sqlite.org/pragma.html#pragma_foreign_key_check).
 * A row is told by its rowid; rows of a table WITHOUT ROWID are numbered.
 */
export function foreignKeyViolations(db: Database, schema: Schema, tables: ReadonlySet<string> | 'all'): ForeignKeyViolations {
	const found = new Map<string, {table: string; parent: string; count: number; rows: Set<string>}>();
	const isConcerned = (name: string) => tables === 'all' || tables.has(nameKey(name));
	for (const {name, foreignKeys} of schema.tables) {
		if (!foreignKeys.some(({parent}) => isConcerned(name) || isConcerned(parent))) continue;
		for (const {parent, rowid} of violationsIn(db, name)) {
			if (!isConcerned(name) && !isConcerned(parent)) continue;
			const key = keyOf(name, parent);
			const violation = found.get(key) ?? {table: name, parent, count: 0, rows: new Set<string>()};
			violation.count += 1;
			if (violation.rows.size < most) violation.rows.add(rowid === null ? `row ${violation.count}` : `rowid ${rowid}`);
			found.set(key, violation);
		}
	}
	return found;
}

function* violationsIn(db: Database, table: string): Generator<{readonly parent: string; readonly rowid: string | null}> {
	try {
		for (const row of db.iterate(`PRAGMA foreign_key_check(${literal(table)})`)) {
			yield {parent: String(row.parent), rowid: row.rowid === null ? null : String(row.rowid)};
		}
	} catch (error) {
		// A parent without a key for what is referred to: no row can be checked, and none can be written either, before and after alike.
		if (!(error instanceof Error && error.message.includes('foreign key mismatch'))) throw error;
	}
}

/** Violations that were not there before, with the rows that are new. */
export function newViolations(before: ForeignKeyViolations, after: ForeignKeyViolations, operations: readonly Operation[]): readonly Violation[] {
	return [...after.values()].flatMap((violation): readonly Violation[] => {
		const {table, parent, count, rows} = violation;
		const child = originOf(table, operations);
		const old = before.get(keyOf(child.name, originOf(parent, operations).name));
		if (old === undefined) return [violation];
		const added = new Set([...rows].filter((row) => !old.rows.has(row)));
		// Where a new primary key gave rows new rowids only their number can be compared.
		const isNew = count > old.count || (added.size > 0 && !child.isRebuilt && old.count <= most);
		return isNew ? [{...violation, count: Math.max(count - old.count, added.size), rows: added}] : [];
	});
}

/**
 * What a table was called before the operations, and whether they may have made it anew. A table that plain statements make, and then rename to one
 * that they dropped, is that one rebuilt: it stands for the old one, not for itself.
 */
function originOf(table: string, operations: readonly Operation[]): {readonly name: string; readonly isRebuilt: boolean} {
	let [name, taken, isRebuilt] = [table, table, false];
	for (const operation of operations.toReversed()) {
		const rename = operation.kind === 'renameTable' ? operation : operation.kind === 'execute' ? renameIn(operation.sql) : undefined;
		if (rename !== undefined && !('column' in rename) && sameName(rename.to, name)) [name, taken] = [rename.table, name];
		else if (operation.kind === 'changeTable' && sameName(operation.table, name)) isRebuilt = true;
		else if (!sameName(name, taken) && makes(operation, name)) [name, isRebuilt] = [taken, true];
	}
	return {name, isRebuilt};
}

function makes(operation: Operation, table: string): boolean {
	if (operation.kind !== 'execute' && operation.kind !== 'createTable') return false;
	const made = createdTableIn(operation.sql);
	return made !== undefined && sameName(made.name, table);
}

function keyOf(table: string, parent: string): string {
	return JSON.stringify([nameKey(table), nameKey(parent)]);
}
