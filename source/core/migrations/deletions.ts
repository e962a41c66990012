import {cursorOver, isName, isWord} from '../ddl/cursor.ts';
import {nameOf, type Token} from '../ddl/lexer.ts';
import type {Operation} from '../operations/operation.ts';
import {withParameters} from '../plan/statements.ts';
import {nameKey} from '../schema/identifiers.ts';
import {findTable, findView, findVirtualTable, triggersOf} from '../schema/lookup.ts';
import type {Schema} from '../schema/schema.ts';
import type {Database} from '../sqlite/database.ts';
import {type Deletion, readDeletion} from '../sqlite/deletion.ts';
import {fileFailure, sqliteCode} from '../sqlite/failure.ts';
import {aliasedKey, labelFrom, rowKeyOf} from '../sqlite/row-key.ts';
import {statementFacts} from '../sqlite/statement.ts';
import {countRows} from '../sqlite/table-facts.ts';
import {clean} from '../text/clean.ts';
import {count, plural} from '../text/numbers.ts';
import type {Finding} from './finding.ts';
import {samplesShown} from './findings.ts';
import {touchedTables, tracePresent} from './trace.ts';

export interface DeletionsRequest {
	readonly db: Database;
	/** The schema of the database now. */
	readonly present: Schema;
	/** All operations of the run before those of this migration. */
	readonly earlier: readonly Operation[];
	readonly operations: readonly Operation[];
	readonly migration: string;
}

/**
 * What the plain DELETE statements of a migration remove (`execute`, a `.sql` or `.py` file): the rows are counted that are in the database now.
 * Where what comes before in the run may change which they are, any row may be meant, and it is said so. A table that is empty, or that the run
 * itself makes, loses nothing.
 */
export function deletionFindings({db, present, earlier, operations, migration}: DeletionsRequest): readonly Finding[] {
	return operations.flatMap((operation, index): readonly Finding[] => {
		const deletion = operation.kind === 'execute' ? readDeletion(withParameters(operation)) : undefined;
		if (deletion === undefined) return [];
		const before = [...earlier, ...operations.slice(0, index)];
		const now = nameNow(present, before, deletion.table);
		if (now === undefined) return [];
		const of = rowsThere(db, now);
		if (of === 0) return [];
		const blank = {migration, kind: 'deleteRows', table: deletion.table, column: null, of, fails: false, destructive: true, mend: []} as const;
		const unknown = (why: string): Finding => ({
			...blank,
			message: `any of its ${plural(of, 'row')} may be deleted: ${why}`,
			rows: of,
			samples: [],
			sql: null,
		});
		if (isChanged(deletion, present, before)) return [unknown('what comes before in the run decides which')];
		const found = rowsOf(db, now, deletion);
		if ('problem' in found) return [unknown(`they cannot be counted before (${found.problem})`)];
		return found.rows === 0 ? [] : [{...blank, ...found, message: messageOf(found.rows, of)}];
	});
}

/** The table as the database has it; undefined for one that only the run makes. A table that the run makes anew under its old name stays one. */
function nameNow(present: Schema, before: readonly Operation[], table: string): string | undefined {
	const traced = tracePresent(present, before, table)?.table;
	return traced ?? findTable(present, table)?.name ?? findVirtualTable(present, table)?.name;
}

/** Of a virtual table whose module is not there nothing can be deleted. */
function rowsThere(db: Database, table: string): number {
	try {
		return countRows(db, table);
	} catch (error) {
		if (sqliteCode(error) === 'SQLITE_ERROR') return 0;
		throw fileFailure(error, db.path) ?? error;
	}
}

function isChanged({table, names}: Deletion, present: Schema, before: readonly Operation[]): boolean {
	const changed = changedTables(present, before);
	if (changed === 'all' || changed.has(nameKey(table))) return true;
	// A view shows the rows of others.
	const asked = [...names].filter((name) => changed.has(name) || findView(present, name) !== undefined);
	return changed.size > 0 && asked.length > 0;
}

/** Tables whose rows, columns or names operations may change; statements that only read one do not. What a trigger writes is not followed. */
function changedTables(present: Schema, operations: readonly Operation[]): ReadonlySet<string> | 'all' {
	const changed = new Set<string>();
	for (const operation of operations) {
		const tables = operation.kind === 'createTrigger' ? 'all' : operation.kind === 'execute' ? changedBy(operation.sql) : touchedTables([operation]);
		if (tables === 'all') return 'all';
		for (const table of tables) {
			if (operation.kind === 'execute' && triggersOf(present, table).length > 0) return 'all';
			changed.add(table);
		}
	}
	return changed;
}

function changedBy(sql: string): ReadonlySet<string> | 'all' {
	const {verb, kind} = statementFacts(sql);
	const {tokens} = cursorOver(sql);
	if (kind === 'data') return writtenBy(verb, tokens);
	if (kind === 'transaction' || kind === 'pragma') return new Set();
	if (kind === 'file' || (isWord(tokens[0], 'CREATE') && tokens.slice(1, 3).some((token) => isWord(token, 'TRIGGER')))) return 'all';
	return new Set(tokens.filter(isName).map((token) => nameKey(nameOf(token))));
}

/** INSERT INTO t, REPLACE INTO t, DELETE FROM t, UPDATE t, UPDATE OR FAIL t. */
function writtenBy(verb: string, tokens: readonly Token[]): ReadonlySet<string> | 'all' {
	if (['SELECT', 'VALUES', 'EXPLAIN'].includes(verb)) return new Set();
	const start = tokens.findIndex((token) => isWord(token, verb));
	const before = verb === 'UPDATE' ? start : tokens.findIndex((token, index) => index > start && isWord(token, verb === 'DELETE' ? 'FROM' : 'INTO'));
	const first = before + (verb === 'UPDATE' && isWord(tokens[before + 1], 'OR') ? 3 : 1);
	const token = tokens[tokens[first + 1]?.text === '.' ? first + 2 : first];
	const name = before < 0 || token === undefined ? '' : nameKey(nameOf(token));
	return name === '' || name.startsWith('sqlite_') ? 'all' : new Set([name]);
}

type Found = Pick<Finding, 'rows' | 'samples' | 'sql'>;

function rowsOf(db: Database, table: string, {prefix, from}: Deletion): Found | {readonly problem: string} {
	const key = rowKeyOf(db, table);
	try {
		const rows = Number(db.value(`${prefix}SELECT count(*) FROM (SELECT 1 ${from}\n)`));
		const shown = rows === 0 ? [] : db.all(`${prefix}SELECT * FROM (SELECT ${aliasedKey(key)} ${from}\n) LIMIT ${samplesShown}`);
		return {rows, samples: shown.map((row) => ({row: labelFrom(key, row), value: null})), sql: `${prefix}SELECT * ${from}`};
	} catch (error) {
		const failure = fileFailure(error, db.path);
		if (failure !== undefined) throw failure;
		if (sqliteCode(error) === undefined) throw error;
		return {problem: clean((error as Error).message)};
	}
}

function messageOf(rows: number, of: number): string {
	const are = rows === 1 ? 'is' : 'are';
	return rows === of
		? `${of === 1 ? 'its only row' : `all ${plural(of, 'row')}`} ${are} deleted`
		: `${count(rows)} of ${plural(of, 'row')} ${are} deleted`;
}
