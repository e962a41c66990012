import {conversion, converts} from '../../operations/conversion.ts';
import type {TrackedTable} from '../../operations/table-names.ts';
import {columnAffinity} from '../../schema/affinity.ts';
import {nameKey, quoted} from '../../schema/identifiers.ts';
import {rowidNames} from '../../schema/key-columns.ts';
import type {Database} from '../../sqlite/database.ts';

/** Where the rows of a table can be read so that two states of them can be compared. */
export interface RowStorage {
	/** The qualified, quoted name of an ordinary table, or of a virtual one that is read like it. */
	readonly from: string;
	/** The columns whose values are stored, by name. */
	readonly columns: readonly StorageColumn[];
	/** The same columns and the generated ones, whose values are computed from the others. */
	readonly readable: readonly StorageColumn[];
	/** The names of the primary key's columns, in order. Empty if there is no primary key. */
	readonly key: readonly string[];
	/** The collations they are compared with. Empty if the key is the rowid. */
	readonly collations: readonly string[];
	/** A name of the rowid. Undefined for tables WITHOUT ROWID. */
	readonly rowid: string | undefined;
}

export interface StorageColumn {
	readonly name: string;
	/** Its quoted name in `from`. */
	readonly sql: string;
	/** The declared type, as it was written. */
	readonly type: string;
}

/** A column in both states of a table. */
export interface ColumnPair {
	readonly before: StorageColumn;
	readonly now: StorageColumn;
	/** True if an operation converts or fills it: preflight reports which values change, so only values that become NULL are counted here. */
	readonly isConverted: boolean;
	/** Set if the new type converts stored values: SQL over `b` that is true for a value that it changes ('007' → 7, not '5' → 5). */
	readonly changedByType: string | undefined;
}

function columnPair(before: StorageColumn, now: StorageColumn): ColumnPair {
	const [from, to] = [columnAffinity(before.type, false), columnAffinity(now.type, false)];
	const changedByType = converts(from, to) ? conversion(`b.${before.sql}`, {affinity: to, mayCollate: true}).changes : undefined;
	return {before, now, isConverted: false, changedByType};
}

export function storageOf(db: Database, schema: string, table: string, isVirtual: boolean): RowStorage | undefined {
	return isVirtual ? virtualTableStorage(db, schema, table) : tableStorage(db, schema, table);
}

/** Returns where the rows of an ordinary table are. */
export function tableStorage(db: Database, schema: string, table: string): RowStorage {
	const columns = db.all('SELECT name, type, pk, hidden FROM pragma_table_xinfo(?, ?) ORDER BY cid', table, schema);
	const readable = columns.map(({name, type}) => ({name: String(name), sql: quoted(String(name)), type: String(type)}));
	const isWithoutRowid = db.value('SELECT wr FROM pragma_table_list WHERE schema = ? AND name = ? COLLATE NOCASE', schema, table) === 1;
	const taken = new Set(columns.map(({name}) => nameKey(String(name))));
	return {
		from: `${quoted(schema)}.${quoted(table)}`,
		columns: readable.filter((_, index) => columns[index]?.hidden === 0),
		readable,
		key: columns
			.filter(({pk}) => Number(pk) > 0)
			.sort((a, b) => Number(a.pk) - Number(b.pk))
			.map(({name}) => String(name)),
		collations: db
			.tuples(
				`SELECT x.coll FROM pragma_index_list(?, ?) AS i JOIN pragma_index_xinfo(i.name, ?) AS x WHERE i.origin = 'pk' AND x.key = 1 ORDER BY x.seqno`,
				table,
				schema,
				schema,
			)
			.map(([collation]) => String(collation).toUpperCase()),
		rowid: isWithoutRowid ? undefined : rowidNames.find((name) => !taken.has(name)),
	};
}

/**
 * Returns where the rows of a virtual table are: in the content table of a full-text index, or in an R*Tree itself. Undefined if it stores no rows
 * itself (a full-text index over another table can be rebuilt from that table), or if its module belongs to another program.
 *
 * https://www.sqlite.org/fts5.html#appendix_a, https://www.sqlite.org/rtree.html
 */
function virtualTableStorage(db: Database, schema: string, table: string): RowStorage | undefined {
	const sql = String(db.value(`SELECT sql FROM ${quoted(schema)}.sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE`, table) ?? '');
	const module = /\bUSING\s+["`[]?(\w+)/i.exec(sql)?.[1]?.toLowerCase() ?? '';
	if (/^rtree(_i32)?$/.test(module)) {
		const storage = tableStorage(db, schema, table);
		return {...storage, key: storage.columns.slice(0, 1).map(({name}) => name), rowid: undefined};
	}
	if (!/^fts[345]$/.test(module)) return undefined;
	const content = shadow(db, schema, `${table}_content`);
	if (content !== undefined) return contentStorage(db, schema, table, content);
	const isContentless = /\bcontent\s*=\s*(?:''|"")/i.test(sql);
	const sizes = isContentless ? shadow(db, schema, `${table}_docsize`) : undefined;
	return sizes === undefined ? undefined : {...tableStorage(db, schema, sizes), columns: [], readable: []};
}

function shadow(db: Database, schema: string, name: string): string | undefined {
	const found = db.value(`SELECT name FROM ${quoted(schema)}.sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE`, name);
	return found === undefined ? undefined : String(found);
}

/** The content table has a key and one column for each of the index: `c0`, `c1` … in FTS5, `c0title` … in the others. */
function contentStorage(db: Database, schema: string, table: string, content: string): RowStorage {
	const stored = tableStorage(db, schema, content);
	const names = db.all('SELECT name FROM pragma_table_xinfo(?, ?) WHERE hidden = 0 ORDER BY cid', table, schema).map(({name}) => String(name));
	const values = stored.columns.filter(({name}) => /^c\d/i.test(name));
	const columns = values.map((column, index) => ({...column, name: names[index] ?? column.name}));
	return {...stored, columns, readable: columns};
}

function byName(columns: readonly StorageColumn[]): ReadonlyMap<string, StorageColumn> {
	return new Map(columns.map((column) => [nameKey(column.name), column]));
}

/** Returns the columns that two states have with the same name. A column that is generated now still has its values. */
export function pairsByName(before: RowStorage, now: RowStorage): readonly ColumnPair[] {
	const readable = byName(now.readable);
	return before.columns.flatMap((column) => {
		const other = readable.get(nameKey(column.name));
		return other === undefined ? [] : [columnPair(column, other)];
	});
}

/** Returns how many values a column has. An empty text does not count. */
export function valuesIn(db: Database, {from}: RowStorage, {sql}: StorageColumn): number {
	return Number(db.value(`SELECT count(*) FROM ${from} NOT INDEXED WHERE ${sql} IS NOT NULL AND +${sql} COLLATE BINARY IS NOT ''`));
}

/** Returns the columns that a table still has, possibly with different names. */
export function trackedPairs({columns}: TrackedTable, before: RowStorage, now: RowStorage): readonly ColumnPair[] {
	const [stored, readable] = [byName(before.columns), byName(now.readable)];
	return [...columns.values()].flatMap(({origin, now: name}): readonly ColumnPair[] => {
		const [old, is] = [stored.get(nameKey(origin)), readable.get(nameKey(name))];
		return old === undefined || is === undefined ? [] : [columnPair(old, is)];
	});
}
