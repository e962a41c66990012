import {tokenize, tokenName} from '../../../../ddl/lexer.ts';
import {splitStatements} from '../../../../ddl/split.ts';
import {type StatementFacts, statementFacts} from '../../../../ddl/statements/statement-facts.ts';
import {MigrError} from '../../../../errors.ts';
import {literal, nameKey, quoted} from '../../../../schema/identifiers.ts';
import {nativeOf} from '../../../../sqlite/connection.ts';
import type {Database, Row} from '../../../../sqlite/database.ts';
import {type ExplainedTables, explainTables} from '../../../../sqlite/write-set.ts';
import {thrownText} from '../../../../text/thrown.ts';
import {type BindingDriver, boundValue, withValues} from './bound-value.ts';
import {insertsOwnKey} from './inserted-key.ts';
import {type OwnTables, ownTables} from './own-tables.ts';
import {pragmaUse} from './recorded-pragma.ts';

/** A statement that a migration executed. */
export interface RecordedStatement {
	/** The statement as the tool sent it, with placeholders. */
	readonly sql: string;
	/** Its values as literals of the type that the driver binds. */
	readonly exact: readonly string[];
	/** The same values as a reader expects them: `1` instead of `1.0`. Only for statements that insert constant rows, whose effect can be compared. */
	readonly plain: readonly string[];
	readonly insertsRows: boolean;
}

/** What one direction of a migration did on the database in memory. */
export interface Recording {
	/** Statements whose transaction or savepoint was not rolled back. */
	readonly statements: readonly RecordedStatement[];
	/** The tables whose rows decide what the code does next, in lower case. Tables that the migration itself creates and fills do not count. */
	readonly rowsRead: ReadonlySet<string>;
	/** The tables whose row numbers or row counts the code has received. They matter if its statements change with them. */
	readonly counted: ReadonlySet<string>;
	/** Statements without an effect on the content of the database that are not part of the migration. */
	readonly omitted: ReadonlySet<string>;
}

/** The part of a connection of better-sqlite3 that Knex and Kysely use. */
export interface ToolConnection {
	prepare(sql: string): ToolStatement;
	close(): void;
}

export interface ToolStatement {
	readonly reader: boolean;
	all(parameters?: readonly unknown[]): readonly unknown[];
	run(parameters?: readonly unknown[]): {readonly changes: number; readonly lastInsertRowid: number};
	iterate(parameters?: readonly unknown[]): IterableIterator<unknown>;
}

/**
 * Rewrites a statement that the tool itself has generated so that it has the same meaning in each run and each database: without names that the tool
 * chooses at random, and without the order of columns.
 */
export type Settle = (sql: string, columnsOf: (table: string) => readonly string[]) => string;

export interface RecorderOptions {
	readonly driver: BindingDriver;
	/**
	 * True to report different row numbers and row counts than the real ones, as a database with other rows would. If the statements change, they
	 * depend on rows.
	 */
	readonly shiftsCounts: boolean;
	readonly settle: Settle;
}

interface Result {
	readonly rows: readonly Row[];
	readonly changes: number;
	readonly lastInsertRowid: number;
}

/** No real row number, and no multiple of one. */
const shift = 1_000_003;

const nothing: Result = {rows: [], changes: 0, lastInsertRowid: 0};

/** The savepoint of a transaction that the tool begins. Everything already runs inside a savepoint. */
const transaction = '_lite_migr_transaction';

/** These functions and tables reveal something about rows. */
const aboutRows = /\b(?:last_insert_rowid|total_changes|changes)\s*\(|\b(?:sqlite_sequence|sqlite_stat\d|dbstat)\b/i;

const noTables: ExplainedTables = {reads: new Set(), writes: new Set()};

/** True for all statements about rows, and for statements about the schema that may fill a table: `CREATE TABLE … AS SELECT …`. */
function mayReadRows(sql: string, {kind, verb}: StatementFacts): boolean {
	return kind !== 'schema' || (verb === 'CREATE' && /\bAS\b/i.test(sql));
}

/** Executes the statements of a migration on a database in memory, with foreign keys off, and records them. */
export class Recorder {
	readonly #db: Database;
	readonly #options: RecorderOptions;
	readonly #own: OwnTables;
	readonly #rowsRead = new Set<string>();
	readonly #counted = new Set<string>();
	readonly #omitted = new Set<string>();
	#statements: readonly RecordedStatement[] = [];
	/** The open savepoints, each with the statements before it. */
	#open: readonly {readonly name: string; readonly before: readonly RecordedStatement[]}[] = [];

	constructor(db: Database, options: RecorderOptions) {
		this.#db = db;
		this.#options = options;
		this.#own = ownTables(db);
	}

	get recording(): Recording {
		return {statements: this.#statements, rowsRead: this.#rowsRead, counted: this.#counted, omitted: this.#omitted};
	}

	/** Returns the connection for the tool. Closing it has no effect. */
	connection(): ToolConnection {
		return {
			prepare: (sql) => {
				const text = this.#withoutQuotedStrings(this.#options.settle(this.#oneStatement(sql), (table) => this.#columnsOf(table)));
				const facts = statementFacts(text);
				// A statement about the schema returns no rows, and each compiled statement makes later changes of the schema slower.
				const reader = facts.kind === 'data' ? nativeOf(this.#db).prepare(text).reader : facts.kind === 'pragma';
				const execute = (parameters: readonly unknown[] = []) => this.#execute(text, facts, reader, parameters);
				return {
					reader,
					all: (parameters) => execute(parameters).rows,
					run: (parameters) => execute(parameters),
					iterate: (parameters) => execute(parameters).rows.values(),
				};
			},
			close: () => undefined,
		};
	}

	#columnsOf(table: string): readonly string[] {
		return this.#db.tuples('SELECT name FROM pragma_table_info(?)', table).map(([name]) => String(name));
	}

	/** Drivers run one statement. better-sqlite3 refuses more, and sqlite3 ignores them. */
	#oneStatement(sql: string): string {
		const [first, second] = splitStatements(sql);
		if (first === undefined) throw new RangeError('The supplied SQL string contains no statements');
		if (second === undefined) return first.text;
		if (this.#options.driver !== 'sqlite3') throw new RangeError('The supplied SQL string contains more than one statement');
		this.#omitted.add('statements after the first one in a text, which the driver sqlite3 ignores');
		return first.text;
	}

	/**
	 * Writes texts in double quotes as string literals. The package sqlite3 still reads them as texts, and lite-migr's SQLite does not
	 * (https://www.sqlite.org/quirks.html#dblquote).
	 */
	#withoutQuotedStrings(sql: string): string {
		if (this.#options.driver !== 'sqlite3') return sql;
		try {
			nativeOf(this.#db).prepare(sql);
			return sql;
		} catch (error) {
			const text = /^no such column: (".*") - should this be a string literal/s.exec(thrownText(error))?.[1];
			if (text === undefined) return sql;
			const fixed = tokenize(sql).map((token) => (token.kind === 'quotedName' && token.text === text ? literal(tokenName(token)) : token.text));
			return fixed.join('') === sql ? sql : this.#withoutQuotedStrings(fixed.join(''));
		}
	}

	#execute(sql: string, facts: StatementFacts, reader: boolean, parameters: readonly unknown[]): Result {
		if (facts.kind === 'transaction') return this.#control(facts);
		if (facts.kind === 'pragma') return this.#pragma(sql);
		if (facts.kind === 'file') return this.#aboutFile(facts.verb);
		const values = parameters.map((value) => boundValue(value, this.#options.driver));
		const exact = values.map((value) => value.exact);
		const text = withValues(sql, exact);
		if (reader && !['INSERT', 'REPLACE', 'UPDATE', 'DELETE'].includes(facts.verb)) return this.#read(text);
		const {reads, writes} = mayReadRows(text, facts) ? explainTables(this.#db, text) : noTables;
		const foreign = this.#own.notAmong(reads);
		const before = Number(this.#db.value('SELECT total_changes()'));
		const rows = reader ? this.#db.all(text) : [];
		if (facts.kind === 'schema') this.#db.exec(text);
		else if (!reader) this.#db.run(text);
		const isInsert = facts.verb === 'INSERT' || facts.verb === 'REPLACE';
		const isChanged = facts.kind === 'data' && Number(this.#db.value('SELECT total_changes()')) > before;
		const changes = isChanged ? Number(this.#db.value('SELECT changes()')) : 0;
		const isConstant = isInsert && reads.size === 0;
		const plain = isConstant ? values.map((value) => value.plain) : exact;
		this.#statements = [...this.#statements, {sql, exact, plain, insertsRows: isConstant}];
		this.#own.follow(sql, facts, {reads, writes});
		const result = {rows, changes, lastInsertRowid: Number(this.#db.value('SELECT last_insert_rowid()'))};
		if (facts.kind !== 'data') return result;
		if (reader && (!isInsert || foreign.length > 0)) for (const table of [...foreign, ...this.#own.notAmong(writes)]) this.#rowsRead.add(table);
		return this.#reported(text, isInsert, this.#own.notAmong([...writes, ...reads]), result);
	}

	/** Executes a query. The tables that it reads decide what the code does next. */
	#read(sql: string): Result {
		const {reads} = explainTables(this.#db, sql);
		for (const table of this.#own.notAmong(reads)) this.#rowsRead.add(table);
		if (this.#db.value('SELECT count(1) FROM temp.sqlite_schema') !== 0) this.#rowsRead.add('a temporary table');
		if (aboutRows.test(sql)) this.#rowsRead.add('numbers of rows');
		return {...nothing, rows: this.#db.all(sql)};
	}

	/**
	 * Returns the result that the code gets. Records that it reveals something about other rows: the number of the new row, or the number of changed
	 * rows.
	 */
	#reported(sql: string, isInsert: boolean, tables: readonly string[], result: Result): Result {
		if (tables.length === 0) return result;
		const givesKey = isInsert && !insertsOwnKey(this.#db, sql);
		const givesCount = !isInsert || /\b(?:SELECT|OR|CONFLICT|REPLACE)\b/i.test(sql);
		if (!givesKey && !givesCount) return result;
		for (const table of tables) this.#counted.add(table);
		if (!this.#options.shiftsCounts) return result;
		const key = result.lastInsertRowid;
		const shifted = (row: Row): Row => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === key ? key + shift : value]));
		return {
			rows: givesKey ? result.rows.map(shifted) : result.rows,
			changes: givesCount ? result.changes + shift : result.changes,
			lastInsertRowid: givesKey ? key + shift : key,
		};
	}

	#pragma(sql: string): Result {
		const {name, use} = pragmaUse(sql);
		switch (use) {
			case 'foreignKeys':
				return {...nothing, rows: [{foreign_keys: 0}]};
			case 'setting':
				this.#omitted.add(`PRAGMA ${name}, which is a setting of the file or the connection`);
				return nothing;
			case 'read':
				return {...nothing, rows: nativeOf(this.#db).prepare(sql).reader ? this.#db.all(sql) : []};
			case 'keep':
				this.#db.exec(sql);
				this.#statements = [...this.#statements, {sql, exact: [], plain: [], insertsRows: false}];
				return nothing;
		}
	}

	#aboutFile(verb: string): Result {
		if (verb !== 'VACUUM') throw new MigrError('migration', `${verb}: a migration can only change its own database`);
		this.#omitted.add('VACUUM, which does not change the content of the database');
		return nothing;
	}

	/** Begins or ends a transaction. Statements that are rolled back are not part of the migration. */
	#control({verb, name}: StatementFacts): Result {
		const isRollback = verb === 'ROLLBACK';
		if (verb === 'BEGIN' || verb === 'SAVEPOINT') {
			if (verb === 'BEGIN' && this.#open.length > 0) throw new Error('cannot start a transaction within a transaction');
			const savepoint = verb === 'BEGIN' ? transaction : (name ?? '');
			this.#db.exec(`SAVEPOINT ${quoted(savepoint)}`);
			this.#open = [...this.#open, {name: savepoint, before: this.#statements}];
			return nothing;
		}
		const at = name === undefined ? 0 : this.#open.findLastIndex((each) => nameKey(each.name) === nameKey(name));
		const found = this.#open[at];
		if (found === undefined)
			throw new Error(name === undefined ? `cannot ${verb.toLowerCase()} - no transaction is active` : `no such savepoint: ${name}`);
		if (isRollback) {
			this.#db.exec(`ROLLBACK TO ${quoted(found.name)}`);
			this.#statements = found.before;
			this.#own.forget();
		}
		// ROLLBACK TO keeps its savepoint.
		const isOver = !isRollback || name === undefined;
		if (isOver) this.#db.exec(`RELEASE ${quoted(found.name)}`);
		this.#open = this.#open.slice(0, isOver ? at : at + 1);
		return nothing;
	}
}

/** Returns the text of a recorded statement for a migration file. */
export function textOf({sql, exact, plain}: RecordedStatement, spelling: 'exact' | 'plain'): string {
	return withValues(sql, spelling === 'exact' ? exact : plain);
}

/** Returns the statement without layout, to compare two runs. */
export function skeletonOf({sql}: RecordedStatement): string {
	return tokenize(sql)
		.map(({kind, text}) => (kind === 'space' ? ' ' : text))
		.join('');
}
