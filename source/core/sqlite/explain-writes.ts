import type {SqlValue} from '../operations/operation.ts';
import {nameKey} from '../schema/identifiers.ts';
import type {Database} from './database.ts';
import {statementFacts} from './statement.ts';

/** Tables whose rows a statement may read and write, in lower case; triggers included. Larger than the truth, never smaller. */
export interface ExplainedTables {
	readonly reads: ReadonlySet<string>;
	readonly writes: ReadonlySet<string>;
}

const nothing: ExplainedTables = {reads: new Set(), writes: new Set()};

/**
 * The tables whose rows a statement may read and write, from the opcodes that SQLite would run (https://www.sqlite.org/opcode.html). The statement is
 * not run. A cursor names the root page of a table or an index; a virtual table is a pointer there, so all of them count, with their shadow tables
 * and the tables that their arguments name. Foreign key actions are seen only while foreign keys are on.
 *
 * @throws what SQLite throws if the statement cannot be prepared, or TypeError if it writes another database
 */
export function explainTables(db: Database, sql: string, parameters: readonly SqlValue[] = []): ExplainedTables {
	// EXPLAIN runs a PRAGMA; and there is nothing to explain in EXPLAIN itself, or in what begins and ends a transaction.
	const {kind, verb} = statementFacts(sql);
	if (kind === 'pragma' || kind === 'transaction' || verb === 'EXPLAIN' || verb === '') return nothing;
	const opcodes = db.all(`EXPLAIN ${sql}`, ...parameters);
	const tables = rootPages(db);
	const reads = new Set<string>();
	const writes = new Set<string>();
	const add = (set: Set<string>, root: unknown, database: unknown) => {
		if (Number(database) > 1) throw new TypeError('the statement is about another database');
		const table = Number(database) === 0 ? tables.get(Number(root)) : undefined;
		if (table !== undefined) set.add(table);
	};
	for (const {opcode, p1, p2, p3, p5} of opcodes) {
		// With this flag the page is that of a table which the statement creates.
		const isRegister = opcode === 'OpenWrite' && (Number(p5) & 16) !== 0;
		if (opcode === 'OpenRead' || opcode === 'ReopenIdx') add(reads, p2, p3);
		else if (opcode === 'OpenWrite' && !isRegister) add(writes, p2, p3);
		else if (opcode === 'Clear') add(writes, p1, p2);
		else if (opcode === 'Destroy') add(writes, p1, p3);
		else if (opcode === 'VOpen') for (const table of virtualTables(db)) reads.add(table);
		else if (opcode === 'VUpdate' || opcode === 'VDestroy') for (const table of virtualTables(db)) for (const set of [reads, writes]) set.add(table);
	}
	return {reads, writes};
}

/**
 * The tables by the root pages of themselves and of their indexes, without SQLite's own (`sqlite_sequence`, statistics). To be read right before each
 * statement, since pages are used again.
 */
function rootPages(db: Database): ReadonlyMap<number, string> {
	const rows = db.tuples("SELECT rootpage, tbl_name FROM main.sqlite_schema WHERE rootpage > 0 AND tbl_name NOT LIKE 'sqlite\\_%' ESCAPE '\\'");
	return new Map(rows.map(([root, table]) => [Number(root), nameKey(String(table))]));
}

/** Virtual tables, their shadow tables, and every table that the definition of one mentions. */
function virtualTables(db: Database): ReadonlySet<string> {
	const list = db.tuples("SELECT name, type FROM pragma_table_list WHERE schema = 'main'").map(([name, type]) => ({name: String(name), type}));
	const definitions = db.tuples("SELECT lower(sql) FROM main.sqlite_schema WHERE type = 'table' AND rootpage = 0").map(([sql]) => String(sql));
	const isMentioned = (name: string) => definitions.some((sql) => sql.includes(nameKey(name)));
	return new Set(list.filter(({name, type}) => type === 'virtual' || type === 'shadow' || isMentioned(name)).map(({name}) => nameKey(name)));
}
