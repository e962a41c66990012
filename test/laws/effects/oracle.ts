import type {SqlValue} from '../../../source/core/operations/operation.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {columns, type EffectsCase, keys, tables} from './generate.ts';

/** The rows of every table, as plain values. */
export type Contents = ReadonlyMap<string, readonly Readonly<Record<string, SqlValue>>[]>;

export function contentsOf(db: Database): Contents {
	const found = new Map<string, readonly Readonly<Record<string, SqlValue>>[]>();
	for (const name of db
		.all(
			`SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' ORDER BY name`,
		)
		.map((row) => String(row.name)))
		found.set(name, db.all(`SELECT * FROM "${name}"`));
	return found;
}

/**
 * Decides which cases need consent, regardless of the statements. Consent is needed if the key and the content of a row no longer exist in any table,
 * or if a column has fewer values although no row was removed. It is not needed if every key still exists and none of its values became NULL.
 */
export function verdictOf(before: Contents, after: Contents): 'loses' | 'keeps' | 'either' {
	let isKept = true;
	for (const name of tables) {
		const old = before.get(name) ?? [];
		// Rows of t may be moved to this table.
		const now = [...(after.get(name) ?? []), ...(name === 't' ? (after.get('old') ?? []) : [])];
		if (old.length > now.length && missingEverywhere(name, old, now, after)) return 'loses';
		if (
			old.length <= now.length &&
			columns[name].some(
				(column) =>
					!keys[name].includes(column) &&
					valueCount(notMoved(name, old, now, after), column) > notNull(now, column) &&
					!isElsewhere(old, now, column),
			)
		) {
			return old.length === now.length ? 'loses' : 'either';
		}
		isKept &&= keepsAll(name, old, now);
	}
	return isKept ? 'keeps' : 'either';
}

type Rows = readonly Readonly<Record<string, SqlValue>>[];
type TableName = (typeof tables)[number];

/** A row that fell out of the count, with a content that no other row of any table has. */
function missingEverywhere(name: TableName, old: Rows, now: Rows, after: Contents): boolean {
	const others = new Set([...after.values()].flatMap((rows) => rows.map((row) => contentOf(name, row))));
	return withoutKeyNow(name, old, now).some((row) => !others.has(contentOf(name, row)));
}

/** Rows without those that left the table while another table has one with their content. */
function notMoved(name: TableName, old: Rows, now: Rows, after: Contents): Rows {
	const others = new Set([...after].flatMap(([table, rows]) => (table === name ? [] : rows.map((row) => contentOf(name, row)))));
	const moved = new Set(withoutKeyNow(name, old, now).filter((row) => others.has(contentOf(name, row))));
	return old.filter((row) => !moved.has(row));
}

function withoutKeyNow(name: TableName, old: Rows, now: Rows): Rows {
	if (keys[name].length === 0) return old;
	const key = (row: Rows[number]) =>
		JSON.stringify(
			keys[name].map((column) => shown(row[column] ?? null)).map((value) => (typeof value === 'string' ? value.toLowerCase().trimEnd() : value)),
		);
	const keysNow = new Set(now.map(key));
	return old.filter((row) => !keysNow.has(key(row)));
}

function contentOf(name: TableName, row: Rows[number]): string {
	return JSON.stringify(columns[name].filter((column) => !keys[name].includes(column)).map((column) => shown(row[column] ?? null)));
}

function keepsAll(name: TableName, old: Rows, now: Rows): boolean {
	if (now.length < old.length) return false;
	if (keys[name].length === 0) {
		const left = new Map<string, number>();
		for (const row of now) left.set(JSON.stringify(shownRow(row, columns[name])), (left.get(JSON.stringify(shownRow(row, columns[name]))) ?? 0) + 1);
		return old.every((row) => {
			const text = JSON.stringify(shownRow(row, columns[name]));
			const count = left.get(text) ?? 0;
			left.set(text, count - 1);
			return count > 0;
		});
	}
	return old.every((row) => {
		const same = now.find((other) => keys[name].every((column) => shown(other[column] ?? null) === shown(row[column] ?? null)));
		return same !== undefined && columns[name].every((column) => row[column] === null || row[column] === '' || (same[column] ?? null) !== null);
	});
}

function isElsewhere(old: Rows, now: Rows, column: string): boolean {
	const values = new Set(now.flatMap((row) => Object.values(row).map((value) => JSON.stringify(shown(value)))));
	return old.every((row) => row[column] === null || values.has(JSON.stringify(shown(row[column] ?? null))));
}

function valueCount(rows: Rows, column: string): number {
	return rows.filter((row) => (row[column] ?? null) !== null && row[column] !== '').length;
}

function notNull(rows: Rows, column: string): number {
	return rows.filter((row) => (row[column] ?? null) !== null).length;
}

function shownRow(row: Readonly<Record<string, SqlValue>>, names: readonly string[]): readonly unknown[] {
	return names.map((name) => shown(row[name] ?? null));
}

function shown(value: SqlValue): string | number | null {
	if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`;
	return typeof value === 'bigint' ? String(value) : value;
}

/** What an effects event must say about a table. */
export interface ExactEffect {
	readonly rowsGone: number;
	readonly rowsAdded: number;
	readonly rowsChanged: number;
	readonly columns: readonly {readonly column: string; readonly valuesGone: number; readonly valuesChanged: number}[];
}

/**
 * Compares a table by its key, if the key identifies the rows: no statement changed keys or recreated the table, and no current row looks like a
 * different row before. Undefined otherwise.
 */
export function exactEffect(
	name: 't' | 'u',
	{schema}: EffectsCase,
	statements: readonly string[],
	before: Contents,
	after: Contents,
): ExactEffect | undefined {
	const hasOtherKeys = new RegExp(`\\b${name}_new\\b|\\bTABLE ${name}\\b|UPDATE.* ${name} SET ${keys[name][0]}\\b|CREATE TABLE old`, 'i');
	if (statements.some((sql) => hasOtherKeys.test(sql))) return undefined;
	const definition = schema.find((sql) => sql.startsWith(`CREATE TABLE ${name} `)) ?? '';
	const [isNocase, isTrimmed] = [definition.includes('NOCASE'), definition.includes('RTRIM')];
	const key = (row: Rows[number]) => {
		const text = String(row[keys[name][0] as string]);
		return isNocase ? text.toLowerCase() : isTrimmed ? text.trimEnd() : text;
	};
	const [old, now] = [before.get(name) ?? [], after.get(name) ?? []];
	const [oldByKey, nowByKey] = [new Map(old.map((row) => [key(row), row])), new Map(now.map((row) => [key(row), row]))];
	if (oldByKey.size < old.length || nowByKey.size < now.length) return undefined;
	const list = columns[name];
	const text = (row: Rows[number] | undefined) => (row === undefined ? '' : JSON.stringify(shownRow(row, list)));
	const content = (row: Rows[number]) => JSON.stringify(shownRow(row, list.slice(1)));
	const differing = (rows: Rows, others: ReadonlyMap<string, Rows[number]>) => rows.filter((row) => text(others.get(key(row))) !== text(row));
	const contents = new Set(differing(now, oldByKey).map(content));
	if (differing(old, nowByKey).some((row) => contents.has(content(row)))) return undefined;
	const kept = old.filter((row) => nowByKey.has(key(row)));
	const changes = list.flatMap((column) => {
		const pairs = kept.map((row) => [row[column] ?? null, nowByKey.get(key(row))?.[column] ?? null] as const);
		const valuesGone = pairs.filter(([was, is]) => was !== null && was !== '' && is === null).length;
		const valuesChanged = pairs.filter(([was, is]) => shown(was) !== shown(is)).length - valuesGone;
		return valuesGone + valuesChanged === 0 ? [] : [{column, valuesGone, valuesChanged}];
	});
	return {
		rowsGone: old.length - kept.length,
		rowsAdded: now.length - kept.length,
		rowsChanged: kept.filter((row) => text(nowByKey.get(key(row))) !== text(row)).length,
		columns: changes,
	};
}
