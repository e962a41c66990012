import {MigrError} from '../../errors.ts';
import type {Operation} from '../../operations/operation.ts';
import type {Step} from '../../plan/step.ts';
import {nameKey, sameName} from '../../schema/identifiers.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {sqliteCode} from '../../sqlite/failure.ts';
import {countRows} from '../../sqlite/table-facts.ts';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/numbers.ts';
import {historyTable} from '../history/foreign-tools.ts';
import {renameIn} from '../replay/rename-in.ts';

/** Rows of each table, by its name in lower case. */
export type RowCounts = ReadonlyMap<string, {readonly table: string; readonly rows: number}>;

/** True where a step can change how many rows a table has, meant or not. Other steps need no guard. */
export function canTouchRows(steps: readonly Step[]): boolean {
	return steps.some(({kind, strategy}) => kind === 'rewrite' || kind === 'execute' || kind === 'run' || strategy === 'rewrite');
}

/** Counts the rows of every table but our bookkeeping, which a downgrade shortens; of a virtual table where its module is there. */
export function countAll(db: Database, schema: Schema): RowCounts {
	const counts = new Map<string, {table: string; rows: number}>();
	for (const {name} of schema.tables) if (!sameName(name, historyTable)) counts.set(nameKey(name), {table: name, rows: countRows(db, name)});
	for (const {name} of schema.virtualTables) {
		try {
			counts.set(nameKey(name), {table: name, rows: countRows(db, name)});
		} catch (error) {
			// No such module, or one that wants arguments: its rows cannot be seen, and no step here can reach them either.
			if (sqliteCode(error) === undefined) throw error;
		}
	}
	return counts;
}

/**
 * No table may have lost rows, or be gone, without being named: by an operation that drops it, by a DELETE FROM, DROP TABLE or REPLACE in
 * `execute`, or by one in `op.run`. A cascade or a trigger that deletes elsewhere leaves no other trace.
 *
 * @throws MigrError `guard` that names the tables
 */
export function checkRows(before: RowCounts, after: RowCounts, operations: readonly Operation[], removesFrom: readonly string[]): void {
	const named = new Set(removesFrom.map(nameKey));
	const lost = [...before.values()].flatMap(({table, rows}) => {
		const now = nameAfter(table, operations);
		if (now === undefined || named.has(nameKey(table)) || named.has(nameKey(now))) return [];
		const left = after.get(nameKey(now))?.rows;
		return left === undefined || left < rows ? [{table, rows, left}] : [];
	});
	const [first] = lost;
	if (first === undefined) return;
	throw new MigrError('guard', `rows would be lost in ${lost.map(({table}) => clean(table)).join(', ')}, which the migration does not name`, {
		location: {table: first.table},
		details: lost.map(({table, rows, left}) =>
			left === undefined
				? `${clean(table)} with ${plural(rows, 'row')} would be gone`
				: `${clean(table)} had ${plural(rows, 'row')} and would have ${left}`,
		),
		hint: 'look for a trigger that deletes; if the rows are meant to go, say so in the migration: op.execute(`DELETE FROM …`)',
	});
}

/** What a table is called behind the operations; undefined where one of them drops it. */
function nameAfter(table: string, operations: readonly Operation[]): string | undefined {
	let name = table;
	for (const operation of operations) {
		if (operation.kind === 'dropTable' && sameName(operation.table, name)) return undefined;
		const rename = operation.kind === 'renameTable' ? operation : operation.kind === 'execute' ? renameIn(operation.sql) : undefined;
		if (rename !== undefined && !('column' in rename) && sameName(rename.table, name)) name = rename.to;
	}
	return name;
}
