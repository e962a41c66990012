import {cursorOver} from '../ddl/cursor.ts';
import {nameOf} from '../ddl/lexer.ts';
import {nameKey} from '../schema/identifiers.ts';
import type {Database} from './database.ts';

/** The tables whose rows one statement may write, as SQLite itself compiles it: triggers and foreign key actions included. */
export interface WriteSet {
	/** Names as they are stored in the schema, of ordinary and of virtual tables. */
	readonly tables: ReadonlySet<string>;
	/** True if it may write `sqlite_schema` itself. */
	readonly writesSchema: boolean;
	/** True if it may write a database other than `main` and `temp`. */
	readonly writesElsewhere: boolean;
	/** True if triggers run. */
	readonly hasPrograms: boolean;
	/** True if it only adds rows to its table: it replaces, changes and deletes none, and no trigger runs. */
	readonly isAppend: boolean;
}

/**
 * Reads `EXPLAIN` of one statement (https://www.sqlite.org/opcode.html). The tables are a superset: a table that is named may stay unchanged.
 * Must not be called for a PRAGMA, which EXPLAIN executes, nor for an empty statement.
 *
 * @throws the error of SQLite if the statement cannot be compiled
 */
export function writeSetOf(db: Database, sql: string, parameters: readonly unknown[]): WriteSet {
	const opcodes = explain(db, sql, parameters);
	const roots = new Set<number>();
	let [writesVirtual, writesElsewhere, hasPrograms] = [false, false, false];
	const mark = (database: number, root: number) => {
		if (database === 0) roots.add(root);
		else if (database > 1) writesElsewhere = true;
	};
	for (const {opcode, p1, p2, p3, p5} of opcodes) {
		// With this flag P2 is a register: a table or index that the statement itself creates.
		if (opcode === 'OpenWrite' && (p5 & rootInRegister) === 0) mark(p3, p2);
		else if (opcode === 'Clear') mark(p2, p1);
		else if (opcode === 'Destroy') mark(p3, p1);
		else if (opcode === 'VUpdate') writesVirtual = true;
		else if (opcode === 'Program') hasPrograms = true;
	}
	const tables = new Set([...tablesAt(db, roots), ...(writesVirtual ? virtualTablesIn(db, sql) : [])]);
	return {
		tables,
		writesSchema: roots.has(1),
		writesElsewhere,
		hasPrograms,
		isAppend: !hasPrograms && !writesVirtual && !opcodes.some(({opcode}) => replacing.has(opcode)) && onlyInserts(db, sql, tables),
	};
}

/** OPFLAG_P2ISREG of SQLite. */
const rootInRegister = 16;

const replacing: ReadonlySet<string> = new Set(['Delete', 'Clear', 'Destroy']);

interface Opcode {
	readonly opcode: string;
	readonly p1: number;
	readonly p2: number;
	readonly p3: number;
	readonly p5: number;
}

function explain(db: Database, sql: string, parameters: readonly unknown[]): readonly Opcode[] {
	return db.explain(sql.replace(/^[\s;]+/, ''), parameters).map(([, opcode, p1, p2, p3, , p5]) => ({
		opcode: String(opcode),
		p1: Number(p1),
		p2: Number(p2),
		p3: Number(p3),
		p5: Number(p5),
	}));
}

/** Roots move when something is dropped under auto_vacuum, so they are looked up at the moment of each statement. */
function tablesAt(db: Database, roots: ReadonlySet<number>): readonly string[] {
	if (roots.size === 0) return [];
	return db
		.tuples(`SELECT DISTINCT tbl_name FROM sqlite_schema WHERE rootpage IN (${[...roots].join(', ')})`)
		.map(([name]) => String(name))
		.filter((name) => !/^sqlite_/i.test(name));
}

/** EXPLAIN names a virtual table by an address only: any that the statement or a trigger names may be the one. */
function virtualTablesIn(db: Database, sql: string): readonly string[] {
	const virtual = db.tuples(`SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage = 0`).map(([name]) => String(name));
	if (virtual.length < 2) return virtual;
	const triggers = db.tuples(
		`SELECT sql FROM sqlite_schema WHERE type = 'trigger' UNION ALL SELECT sql FROM temp.sqlite_schema WHERE type = 'trigger'`,
	);
	const texts = [sql, ...triggers.map(([text]) => String(text))];
	const named = new Set(texts.flatMap((text) => cursorOver(text).tokens.map((token) => nameKey(nameOf(token)))));
	return virtual.filter((name) => named.has(nameKey(name)));
}

/** The conflict clause REPLACE may overwrite a row without an opcode that says so; it cannot come from anywhere but these texts. */
function onlyInserts(db: Database, sql: string, tables: ReadonlySet<string>): boolean {
	if (/\b(?:replace|update|delete)\b/i.test(sql)) return false;
	if (!/\binsert\b/i.test(sql)) return false;
	const [table, ...others] = tables;
	if (table === undefined || others.length > 0) return false;
	const definition = db.value(`SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?`, table);
	return typeof definition === 'string' && !/\breplace\b/i.test(definition);
}
