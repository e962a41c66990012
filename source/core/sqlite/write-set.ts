import {mentionedNames} from '../ddl/statements/mentioned-names.ts';
import {statementFacts} from '../ddl/statements/statement-facts.ts';
import {nameKey} from '../schema/identifiers.ts';
import type {Database} from './database.ts';

/** The tables whose rows one statement may write, as SQLite compiles it, including triggers and foreign key actions. */
export interface WriteSet {
	/** Names of ordinary and virtual tables as stored in the schema. */
	readonly tables: ReadonlySet<string>;
	/** True if it may write `sqlite_schema` itself. */
	readonly writesSchema: boolean;
	/** True if it reads or writes a database other than `main` and `temp`. */
	readonly writesElsewhere: boolean;
	/** True if it may delete or replace rows. */
	readonly removesRows: boolean;
	/** True if triggers run. */
	readonly hasPrograms: boolean;
	/** True if a conflict clause may replace rows, which no opcode shows. */
	readonly mayReplace: boolean;
	/** True if it only adds rows to its table: it replaces, changes and deletes none, and no trigger runs. */
	readonly isAppend: boolean;
}

/**
 * Reads `EXPLAIN` of one statement (https://www.sqlite.org/opcode.html). The tables are a superset: a listed table may stay unchanged.
 * Must not be called for a PRAGMA, which EXPLAIN executes, or for an empty statement.
 *
 * @throws the SQLite error if the statement cannot be compiled
 */
export function writeSetOf(db: Database, sql: string, parameters: readonly unknown[]): WriteSet {
	const {opcodes, written, writesVirtual, isElsewhere, hasPrograms} = readOpcodes(db, sql, parameters);
	const tables = new Set([...tablesAt(db, written), ...(writesVirtual ? virtualTablesIn(db, sql) : [])]);
	const mayReplace = namesReplace(db, sql, tables);
	const mayDelete = writesVirtual || mayReplace || opcodes.some(({opcode}) => replacing.has(opcode));
	const isAppend = !hasPrograms && !mayDelete && tables.size === 1 && /\binsert\b/i.test(sql) && !/\b(?:update|delete)\b/i.test(sql);
	return {tables, writesSchema: written.has(1), writesElsewhere: isElsewhere, removesRows: mayDelete, hasPrograms, mayReplace, isAppend};
}

/** Tables whose rows a statement may read and write, in lower case, including triggers. May contain too many tables, but never too few. */
export interface ExplainedTables {
	readonly reads: ReadonlySet<string>;
	readonly writes: ReadonlySet<string>;
}

/**
 * Returns the tables whose rows a statement may read and write. If it uses a virtual table, all virtual tables count, with their shadow tables and the
 * tables that their arguments name. Empty for a PRAGMA and for statements that begin or end a transaction.
 *
 * @throws the SQLite error if the statement cannot be compiled, or TypeError if it uses another database
 */
export function explainTables(db: Database, sql: string, parameters: readonly unknown[] = []): ExplainedTables {
	const {kind, verb} = statementFacts(sql);
	if (kind === 'pragma' || kind === 'transaction' || verb === 'EXPLAIN' || verb === '') return {reads: new Set(), writes: new Set()};
	const {read, written, readsVirtual, writesVirtual, isElsewhere} = readOpcodes(db, sql, parameters);
	if (isElsewhere) throw new TypeError('the statement uses another database');
	const virtual = readsVirtual || writesVirtual ? aroundVirtualTables(db) : [];
	return {
		reads: new Set([...tablesAt(db, read).map(nameKey), ...virtual]),
		writes: new Set([...tablesAt(db, written).map(nameKey), ...(writesVirtual ? virtual : [])]),
	};
}

interface ReadOpcodes {
	readonly opcodes: readonly Opcode[];
	/** Root pages in the main database. */
	readonly read: ReadonlySet<number>;
	readonly written: ReadonlySet<number>;
	readonly readsVirtual: boolean;
	readonly writesVirtual: boolean;
	/** True if a database other than `main` and `temp` is read or written. */
	readonly isElsewhere: boolean;
	readonly hasPrograms: boolean;
}

function readOpcodes(db: Database, sql: string, parameters: readonly unknown[]): ReadOpcodes {
	const opcodes = explain(db, sql, parameters);
	const [read, written] = [new Set<number>(), new Set<number>()];
	let [readsVirtual, writesVirtual, isElsewhere, hasPrograms] = [false, false, false, false];
	const mark = (set: Set<number>, database: number, root: number) => {
		if (database === 0) set.add(root);
		else if (database > 1) isElsewhere = true;
	};
	for (const {opcode, p1, p2, p3, p5} of opcodes) {
		if (opcode === 'OpenRead' || opcode === 'ReopenIdx') mark(read, p3, p2);
		// With this flag, P2 is a register: the statement itself creates the table or index.
		else if (opcode === 'OpenWrite' && (p5 & rootInRegister) === 0) mark(written, p3, p2);
		else if (opcode === 'Clear') mark(written, p2, p1);
		else if (opcode === 'Destroy') mark(written, p3, p1);
		else if (opcode === 'VOpen') readsVirtual = true;
		else if (opcode === 'VUpdate' || opcode === 'VDestroy') writesVirtual = true;
		else if (opcode === 'Program') hasPrograms = true;
	}
	return {opcodes, read, written, readsVirtual, writesVirtual, isElsewhere, hasPrograms};
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

/** Returns the tables with these root pages. Pages move if an object is dropped under auto_vacuum, so they are looked up for each statement. */
function tablesAt(db: Database, roots: ReadonlySet<number>): readonly string[] {
	if (roots.size === 0) return [];
	return db
		.tuples(`SELECT DISTINCT tbl_name FROM sqlite_schema WHERE rootpage IN (${[...roots].join(', ')})`)
		.map(([name]) => String(name))
		.filter((name) => !/^sqlite_/i.test(name));
}

/** Returns the virtual tables that a statement may write. EXPLAIN names them by address only, so every one named in it or in a trigger counts. */
function virtualTablesIn(db: Database, sql: string): readonly string[] {
	const virtual = db.tuples(`SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage = 0`).map(([name]) => String(name));
	if (virtual.length < 2) return virtual;
	const triggers = db.tuples(
		`SELECT sql FROM sqlite_schema WHERE type = 'trigger' UNION ALL SELECT sql FROM temp.sqlite_schema WHERE type = 'trigger'`,
	);
	const texts = [sql, ...triggers.map(([text]) => String(text))];
	const named = new Set(texts.flatMap((text) => [...mentionedNames(text)]));
	return virtual.filter((name) => named.has(nameKey(name)));
}

/** Returns virtual tables, their shadow tables, and every table that the definition of a virtual table mentions, in lower case. */
function aroundVirtualTables(db: Database): readonly string[] {
	const list = db.tuples("SELECT name, type FROM pragma_table_list WHERE schema = 'main'").map(([name, type]) => ({name: String(name), type}));
	const definitions = db.tuples("SELECT lower(sql) FROM main.sqlite_schema WHERE type = 'table' AND rootpage = 0").map(([text]) => String(text));
	const isMentioned = (name: string) => definitions.some((text) => text.includes(nameKey(name)));
	return list.filter(({name, type}) => type === 'virtual' || type === 'shadow' || isMentioned(name)).map(({name}) => nameKey(name));
}

/** The conflict clause REPLACE may overwrite a row without an opcode that shows it. It can only come from these texts. */
function namesReplace(db: Database, sql: string, tables: ReadonlySet<string>): boolean {
	const definitions = [...tables].map((table) => db.value(`SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?`, table));
	return [sql, ...definitions].some((text) => /\breplace\b/i.test(String(text ?? '')));
}
