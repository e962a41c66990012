import {cursorOver, isName, isWord, qualifiedName} from '../../ddl/cursor.ts';
import {nameOf, type Token} from '../../ddl/lexer.ts';
import type {Operation} from '../../operations/operation.ts';
import {withParameters} from '../../plan/statements.ts';
import {nameKey} from '../../schema/identifiers.ts';
import {findTable, findView, findVirtualTable, triggersOf} from '../../schema/lookup.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {type Deletion, readDeletion} from '../../sqlite/deletion.ts';
import {fileFailure, sqliteCode} from '../../sqlite/failure.ts';
import {aliasedKey, labelFrom, rowKeyOf} from '../../sqlite/row-key.ts';
import {statementFacts} from '../../sqlite/statement.ts';
import {countRows} from '../../sqlite/table-facts.ts';
import {clean} from '../../text/clean.ts';
import {count, plural} from '../../text/numbers.ts';
import type {Finding} from '../finding.ts';
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
	if (!operations.some(({kind}) => kind === 'execute')) return [];
	const before = startTracking(present);
	for (const operation of earlier) track(before, operation);
	const counts = new Map<string, number>();
	const findings: Finding[] = [];
	for (const operation of operations) {
		const deletion = operation.kind === 'execute' ? readDeletion(withParameters(operation)) : undefined;
		const table = deletion === undefined ? undefined : nameNow(before, deletion.table);
		if (deletion !== undefined && table !== undefined) {
			const of = counts.get(table) ?? rowsThere(db, table);
			counts.set(table, of);
			const found = of === 0 ? undefined : findingOf(db, {deletion, table, of, migration, isChanged: isChanged(before, deletion)});
			// Once for a table is enough to say that any row may be meant.
			if (found !== undefined && !findings.some((other) => other.sql === null && found.sql === null && other.table === found.table))
				findings.push(found);
		}
		track(before, operation);
	}
	return findings;
}

interface Examined {
	readonly deletion: Deletion;
	/** By its name in the database. */
	readonly table: string;
	readonly of: number;
	readonly migration: string;
	readonly isChanged: boolean;
}

function findingOf(db: Database, {deletion, table, of, migration, isChanged}: Examined): Finding | undefined {
	const blank = {migration, kind: 'deleteRows', table: deletion.table, column: null, of, fails: false, destructive: true, mend: []} as const;
	const unknown = (why: string): Finding => ({
		...blank,
		message: `any of its ${plural(of, 'row')} may be deleted: ${why}`,
		rows: of,
		samples: [],
		sql: null,
	});
	if (isChanged) return unknown('what comes before in the run decides which');
	const found = rowsOf(db, table, deletion);
	if ('problem' in found) return unknown(`they cannot be counted before (${found.problem})`);
	return found.rows === 0 ? undefined : {...blank, ...found, message: messageOf(found.rows, of)};
}

/** What operations before a statement may have done to what it asks. */
interface Tracked {
	readonly present: Schema;
	/** All but statements about rows, which rename nothing. */
	readonly schemaOperations: Operation[];
	/** Tables whose rows, columns or names may have changed, in lower case; and those that have only lost rows. */
	readonly changed: Set<string>;
	readonly shrunk: Set<string>;
	/** True where it is not known what has changed. */
	isUnknown: boolean;
}

function startTracking(present: Schema): Tracked {
	return {present, schemaOperations: [], changed: new Set(), shrunk: new Set(), isUnknown: false};
}

/** Statements that only read a table do not change it; what a trigger writes is not followed. */
function track(tracked: Tracked, operation: Operation): void {
	const facts = operation.kind === 'execute' ? statementFacts(operation.sql) : undefined;
	if (facts?.kind !== 'data') tracked.schemaOperations.push(operation);
	if (tracked.isUnknown) return;
	const tables = operation.kind === 'createTrigger' ? 'all' : operation.kind === 'execute' ? changedBy(operation.sql) : touchedTables([operation]);
	const hasTriggers = (table: string) => operation.kind === 'execute' && triggersOf(tracked.present, table).length > 0;
	if (tables === 'all' || [...tables].some(hasTriggers)) tracked.isUnknown = true;
	else for (const table of tables) (facts?.verb === 'DELETE' ? tracked.shrunk : tracked.changed).add(table);
}

/** The table as the database has it; undefined for one that only the run makes. A table that the run makes anew under its old name stays one. */
function nameNow({present, schemaOperations}: Tracked, table: string): string | undefined {
	const traced = tracePresent(present, schemaOperations, table)?.table;
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

function isChanged({present, changed, shrunk, isUnknown}: Tracked, {table, names, isRowwise}: Deletion): boolean {
	if (isUnknown || changed.has(nameKey(table))) return true;
	if (isRowwise) return false;
	if (changed.size + shrunk.size === 0) return false;
	// A view shows the rows of others.
	return [...names].some((name) => changed.has(name) || shrunk.has(name) || findView(present, name) !== undefined);
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
	const name = before < 0 ? '' : nameKey(qualifiedName(tokens, first)?.name ?? '');
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
