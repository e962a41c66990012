import type {SqlValue} from '../../../source/core/operations/operation.ts';
import {affinityOf} from '../../../source/core/schema/affinity.ts';
import {quoted} from '../../../source/core/schema/identifiers.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {chance, type Die, pick} from './dice.ts';
import {columnOf, filled, type Model, type ModelColumn, type ModelTable, namesOf, tableOf} from './model.ts';

/** The random numbers for the rows of one table. */
export interface RowsDice {
	readonly rows: readonly (readonly Die[])[];
	readonly holes: Die;
}

const integers: readonly SqlValue[] = [1, 2, 3, 0, -1, 42, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
const texts: readonly SqlValue[] = ['a', 'b', 'x', '', '007', '1e3', 'abc', ' 12 ', 'A', 'a ', '😀', "it's", '9007199254740993', '0x10', 'null'];
const reals: readonly SqlValue[] = [0.5, -1.5, 3.25, 1e300, 1e-7, 2.5];
const blobs: readonly SqlValue[] = [new Uint8Array([0, 255]), new Uint8Array([]), new Uint8Array([97])];
const any = [...integers, ...texts, ...reals, ...blobs];

/** Returns a value for the column, and sometimes a value of another type if types are not enforced. */
function valueFor(column: ModelColumn, strict: boolean, number: Die): SqlValue {
	if (chance(number, 15) && column.notNull === undefined) return null;
	if (strict && column.type === 'ANY') return pick(any, number);
	const affinity = affinityOf(column.type);
	if (!strict && chance(number + 41, 15)) return pick(any, number);
	switch (affinity) {
		case 'INTEGER':
			return pick(integers, number);
		case 'TEXT':
			return pick(texts, number);
		case 'REAL':
			return pick(reals, number);
		case 'BLOB':
			return pick(strict ? blobs : any, number);
		case 'NUMERIC':
			return pick([...integers, ...reals], number);
	}
}

/**
 * Fills the tables of a model. Rows that violate a constraint are skipped, parents are picked from existing rows, and a second pass closes cycles.
 * Then some rows are deleted, so rowids have gaps and AUTOINCREMENT counters exceed the greatest id.
 */
export function fillTables(db: Database, model: Model, dice: ReadonlyMap<number, RowsDice>): void {
	addRows(db, model, dice);
	for (const virtual of model.virtuals) for (const sql of virtual.rows) db.exec(filled(sql, namesOf(model)));
	rebuildContents(db, model);
}

/** Adds rows to ordinary tables, which may have rows already. */
export function addRows(db: Database, model: Model, dice: ReadonlyMap<number, RowsDice>): void {
	for (const table of model.tables) {
		for (const [position, numbers] of (dice.get(table.id)?.rows ?? []).entries()) insertRow(db, model, table, numbers, position);
	}
	for (const table of model.tables) {
		for (const numbers of dice.get(table.id)?.rows ?? []) closeCycle(db, model, table, numbers);
	}
	for (const table of model.tables) digHoles(db, table, dice.get(table.id)?.holes ?? 0);
}

/** Rebuilds external-content indexes from their tables. */
export function rebuildContents(db: Database, model: Model): void {
	for (const {name, content} of model.virtuals)
		if (content !== undefined) db.exec(`INSERT INTO ${quoted(name)} (${quoted(name)}) VALUES ('rebuild')`);
}

/**
 * Runs a statement and returns true if SQLite accepts it. Constraint violations, exhausted ids and foreign key actions that would write a generated
 * column are not errors here.
 */
function tries(db: Database, sql: string, values: readonly SqlValue[]): boolean {
	try {
		db.run(sql, ...values);
		return true;
	} catch (error) {
		if (!(error instanceof Error)) throw error;
		if ('code' in error && /^SQLITE_(CONSTRAINT|MISMATCH|FULL)/.test(String(error.code))) return false;
		if (/^cannot UPDATE generated column/.test(error.message)) return false;
		throw error;
	}
}

function insertRow(db: Database, model: Model, table: ModelTable, numbers: readonly Die[], position: number): void {
	const names: string[] = [];
	const values: SqlValue[] = [];
	const parents = parentValues(db, model, table, numbers);
	table.columns.forEach((column, index) => {
		const number = (numbers[index % numbers.length] as number) + position * 100 * (1 + (index % 3));
		const isAlias = table.key?.columns.length === 1 && table.key.columns[0]?.column === column.id && column.type === 'INTEGER';
		if (column.generated !== undefined) return;
		// An omitted column gets its default, or its rowid.
		if (!parents.has(column.id) && (chance(number + 19, 10) || (isAlias && chance(number + 29, 40)))) return;
		names.push(quoted(column.name));
		values.push(parents.has(column.id) ? (parents.get(column.id) as SqlValue) : valueFor(column, table.strict, number));
	});
	const rowid = ['rowid', '_rowid_', 'oid'].find((name) => !table.columns.some((column) => column.name.toLowerCase() === name));
	if (!table.withoutRowid && table.key === undefined && rowid !== undefined && chance((numbers[0] as number) + position * 7, 40)) {
		names.push(rowid);
		values.push(pick([7, 100, -5, 2n ** 62n], (numbers[1] as number) + position * 100));
	}
	if (drawsRowid(db, table, new Map(names.map((name, index) => [name, values[index] ?? null])))) return;
	const sql = names.length === 0 ? 'DEFAULT VALUES' : `(${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
	tries(db, `INSERT INTO ${quoted(table.name)} ${sql}`, values);
}

/** True if SQLite would choose a random rowid because the greatest is in use. The same numbers must give the same rows. */
function drawsRowid(db: Database, table: ModelTable, values: ReadonlyMap<string, SqlValue>): boolean {
	if (table.withoutRowid) return false;
	const aliases = table.columns.filter(({id, type}) => table.key?.columns.length === 1 && table.key.columns[0]?.column === id && type === 'INTEGER');
	const names = ['rowid', '_rowid_', 'oid'].filter((name) => !table.columns.some((column) => column.name.toLowerCase() === name));
	const given = [...names, ...aliases.map((column) => quoted(column.name))];
	if (given.length === 0 || given.some((name) => (values.get(name) ?? null) !== null)) return false;
	return String(db.value(`SELECT max(${given[0]}) FROM ${quoted(table.name)}`)) === String(2n ** 63n - 1n);
}

/** Returns values for the columns of foreign keys: those of a parent row, or NULL. */
function parentValues(db: Database, model: Model, table: ModelTable, numbers: readonly Die[]): ReadonlyMap<number, SqlValue> {
	const values = new Map<number, SqlValue>();
	for (const key of table.foreignKeys) {
		const row = parentRow(db, model, key, numbers[0] as number);
		key.columns.forEach((column, index) => {
			values.set(column, row?.[index] ?? null);
		});
	}
	return values;
}

function parentRow(db: Database, model: Model, key: ModelTable['foreignKeys'][number], number: Die): readonly SqlValue[] | undefined {
	const parent = tableOf(model, key.parent) as ModelTable;
	const columns = key.parentColumns.length > 0 ? key.parentColumns : (parent.key?.columns.map(({column}) => column) ?? []);
	const list = columns.map((id) => quoted((columnOf(parent, id) as ModelColumn).name)).join(', ');
	const rows = db.tuples(`SELECT ${list} FROM ${quoted(parent.name)} ORDER BY 1`);
	return rows.length === 0 ? undefined : pick(rows, number);
}

function closeCycle(db: Database, model: Model, table: ModelTable, numbers: readonly Die[]): void {
	for (const key of table.foreignKeys) {
		const row = parentRow(db, model, key, (numbers[1] as number) + 300);
		if (row === undefined || key.columns.some((id) => columnOf(table, id)?.generated !== undefined)) continue;
		const set = key.columns.map((id) => `${quoted((columnOf(table, id) as ModelColumn).name)} = ?`).join(', ');
		const first = quoted((columnOf(table, key.columns[0] as number) as ModelColumn).name);
		tries(db, `UPDATE ${quoted(table.name)} SET ${set} WHERE ${first} IS NULL AND random() IS NOT NULL`, row);
	}
}

function digHoles(db: Database, table: ModelTable, holes: Die): void {
	const name = quoted(table.name);
	const shown = table.columns.find(({generated}) => generated === undefined) as ModelColumn;
	if (chance(holes, 30)) tries(db, `DELETE FROM ${name} WHERE ${quoted(shown.name)} = (SELECT max(${quoted(shown.name)}) FROM ${name})`, []);
	if (table.key?.autoincrement === true && chance(holes + 7, 50)) {
		db.run('UPDATE sqlite_sequence SET seq = seq + 1000 WHERE name = ? AND seq BETWEEN 1 AND 999999', table.name);
	}
	if (chance(holes + 13, 5) && table.foreignKeys.length > 0) {
		// A row whose parent never existed. It is broken before and after, and must not stop a run.
		const column = columnOf(table, table.foreignKeys[0]?.columns[0] as number) as ModelColumn;
		db.exec('PRAGMA foreign_keys = OFF');
		tries(db, `UPDATE OR IGNORE ${name} SET ${quoted(column.name)} = 987654`, []);
		db.exec('PRAGMA foreign_keys = ON');
	}
}
