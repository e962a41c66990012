import {valueLiteral} from '../../source/core/engines/exact.ts';
import type {SqlValue} from '../../source/core/operations/operation.ts';
import {quoted} from '../../source/core/schema/identifiers.ts';

/** Runs a query, here or on a server. */
export type RunQuery = (sql: string) => Promise<readonly (readonly SqlValue[])[]>;

/**
 * Returns statements that build a copy of a database: tables, rows with their rowids, sequences, then everything else. Rows without a parent are accepted,
 * because switching `defer_foreign_keys` off forgets them.
 */
export async function statementsOf(query: RunQuery): Promise<readonly string[]> {
	const objects = (
		await query(
			"SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND substr(name, 1, 7) <> 'sqlite_' AND substr(name, 1, 4) <> '_cf_' ORDER BY rowid",
		)
	).map(([type, name, sql]) => ({type, name: String(name), sql: String(sql)}));
	const virtual = objects.filter(({sql}) => /^\s*CREATE\s+VIRTUAL/i.test(sql)).map(({name}) => `${name.toLowerCase()}_`);
	const managed = objects.filter(({name}) => !virtual.some((prefix) => name.toLowerCase().startsWith(prefix)));
	const tables = managed.filter(({type}) => type === 'table');
	const rows: string[] = [];
	for (const {name, sql} of tables) rows.push(...(await insertsOf(name, sql, query)));
	// SQLite keeps the table after the last AUTOINCREMENT table is dropped, but no statement could create it then.
	const hasSequence = tables.some(({sql}) => /\bAUTOINCREMENT\b/i.test(sql));
	const sequence = hasSequence ? await query('SELECT name, seq FROM sqlite_sequence') : [];
	return [
		'PRAGMA defer_foreign_keys=ON',
		...tables.map(({sql}) => sql),
		...rows,
		...(hasSequence ? ['DELETE FROM sqlite_sequence'] : []),
		...sequence.map((row) => `INSERT INTO sqlite_sequence (name, seq) VALUES (${row.map(valueLiteral).join(', ')})`),
		...managed.filter(({type}) => type !== 'table').map(({sql}) => sql),
		'PRAGMA defer_foreign_keys=OFF',
	];
}

async function insertsOf(table: string, sql: string, query: RunQuery): Promise<readonly string[]> {
	const all = (await query(`SELECT name, hidden FROM pragma_table_xinfo(${valueLiteral(table)})`)).map(([name, hidden]) => ({
		name: String(name),
		hidden,
	}));
	const columns = all.filter(({hidden}) => hidden === 0).map(({name}) => name);
	const rowid = ['rowid', '_rowid_', 'oid'].filter((alias) => !all.some(({name}) => name.toLowerCase() === alias)).slice(0, 1);
	const names = [...(/WITHOUT\s+ROWID/i.test(sql) ? [] : rowid), ...columns.map(quoted)].join(', ');
	const kinds = columns.map((name) => `typeof(${quoted(name)})`);
	const rows = await query(`SELECT ${[names, ...kinds].join(', ')} FROM ${quoted(table)}`);
	return rows.map((row) => {
		const values = row.slice(0, row.length - columns.length);
		const literals = values.map((value, index) => {
			const kind = index < values.length - columns.length ? 'integer' : row[index + columns.length];
			return kind === 'real' ? realLiteral(Number(value)) : valueLiteral(value);
		});
		return `INSERT INTO ${quoted(table)} (${names}) VALUES (${literals.join(', ')})`;
	});
}

/** Returns the literal of a whole number that is stored as REAL. */
function realLiteral(value: number): string {
	const text = valueLiteral(value);
	return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
