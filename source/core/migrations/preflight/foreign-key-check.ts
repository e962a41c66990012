import {MigrError} from '../../errors.ts';
import type {TableNames, TrackedTable} from '../../operations/table-names.ts';
import {literal, nameKey} from '../../schema/identifiers.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {missingExtension, programHint} from '../../sqlite/missing-extension.ts';
import {clean} from '../../text/clean.ts';
import {isError, thrownText} from '../../text/thrown.ts';

/** Rows of one table that have no parent row in another one. */
export interface Violation {
	readonly table: string;
	readonly parent: string;
	readonly count: number;
	/** Labels such as `rowid 17`, at most 100,000. */
	readonly rows: ReadonlySet<string>;
}

/** Rows without a parent row, by child table and parent table. */
export type ForeignKeyViolations = ReadonlyMap<string, Violation>;

const maxRows = 100_000;

/**
 * Returns the rows that violate a foreign key of these tables, or of other tables that refer to them
 * (https://www.sqlite.org/pragma.html#pragma_foreign_key_check). Rows are labeled by rowid, or numbered in a table WITHOUT ROWID.
 *
 * @throws MigrError `database` if a table needs a collation of another program to be read. If it is unknown which tables are concerned, it is skipped,
 * because only the check after the run knows the tables that it has written.
 */
export function foreignKeyViolations(db: Database, schema: Schema, tables: ReadonlySet<string> | 'all'): ForeignKeyViolations {
	const found = new Map<string, {table: string; parent: string; count: number; rows: Set<string>}>();
	const isConcerned = (name: string) => tables === 'all' || tables.has(nameKey(name));
	for (const {name, foreignKeys} of schema.tables) {
		if (!foreignKeys.some(({parent}) => isConcerned(name) || isConcerned(parent))) continue;
		for (const {parent, rowid} of violationsIn(db, name, {mayBeUnreadable: tables === 'all'})) {
			if (!isConcerned(name) && !isConcerned(parent)) continue;
			const key = keyOf(name, parent);
			const violation = found.get(key) ?? {table: name, parent, count: 0, rows: new Set<string>()};
			violation.count += 1;
			if (violation.rows.size < maxRows) violation.rows.add(rowid === null ? `row ${violation.count}` : `rowid ${rowid}`);
			found.set(key, violation);
		}
	}
	return found;
}

function* violationsIn(
	db: Database,
	table: string,
	{mayBeUnreadable}: {readonly mayBeUnreadable: boolean},
): Generator<{readonly parent: string; readonly rowid: string | null}> {
	try {
		for (const row of db.iterate(`PRAGMA foreign_key_check(${literal(table)})`)) {
			yield {parent: String(row.parent), rowid: row.rowid === null ? null : String(row.rowid)};
		}
	} catch (error) {
		const missing = missingExtension(thrownText(error));
		if (missing !== undefined && mayBeUnreadable) return;
		if (missing !== undefined) throw unreadable(table, missing, error);
		// The parent columns are not a key. SQLite can then neither check nor write rows of this table, both before and after the run.
		if (!(isError(error) && error.message.includes('foreign key mismatch'))) throw error;
	}
}

/** The table may be ignored already, so the hint only names the program. */
function unreadable(table: string, missing: string, error: unknown): MigrError {
	return new MigrError('database', `cannot check the foreign keys of ${clean(table)}: ${thrownText(error)}`, {
		location: {table},
		hint: programHint(missing),
		cause: error,
	});
}

/**
 * Returns the new violations, with their new rows.
 *
 * @param names the names that the tables had when `before` was read
 */
export function newViolations(before: ForeignKeyViolations, after: ForeignKeyViolations, names: TableNames): readonly Violation[] {
	return [...after.values()].flatMap((violation): readonly Violation[] => {
		const {table, parent, count, rows} = violation;
		const child = names.find(table);
		const old = before.get(keyOf(nameBefore(child) ?? table, nameBefore(names.find(parent)) ?? parent));
		if (old === undefined) return [violation];
		const added = new Set([...rows].filter((row) => !old.rows.has(row)));
		// A rebuilt table may have different rowids, so only the number of rows can be compared.
		const isRebuilt = child === undefined || child.origin === null || child.isRewritten;
		const isNew = count > old.count || (added.size > 0 && !isRebuilt && old.count <= maxRows);
		return isNew ? [{...violation, count: Math.max(count - old.count, added.size), rows: added}] : [];
	});
}

function nameBefore(table: TrackedTable | undefined): string | undefined {
	return table?.origin ?? table?.replaces ?? undefined;
}

function keyOf(table: string, parent: string): string {
	return JSON.stringify([nameKey(table), nameKey(parent)]);
}
