import {tokenize, tokenName} from '../ddl/lexer.ts';
import {readStatement, readTable} from '../ddl/read.ts';
import {readCopy} from '../ddl/statements/copy-statement.ts';
import {statementFacts} from '../ddl/statements/statement-facts.ts';
import {temporaryPrefix} from '../plan/rewrite.ts';
import {guardText} from '../runtime/failure.ts';
import type {Table} from '../schema/schema.ts';
import {clean} from '../text/clean.ts';
import type {Database} from './database.ts';
import {explainConstraint, type RowSource} from './explain-constraint.ts';
import {sqliteCode} from './failure.ts';
import {StepError} from './step-error.ts';
import {columnFacts} from './table-facts.ts';

/** Describes what a statement of a migration does. Explains the temporary table name if the statement contains one that lite-migr chose. */
export function describeStatement(sql: string): string {
	const temporary = sql.includes(temporaryPrefix) ? tokenize(sql).map(tokenName).find(isTemporary) : undefined;
	return temporary === undefined ? 'running the statement' : `running the statement (${clean(temporary)} is the temporary name of the new table)`;
}

function isTemporary(name: string): boolean {
	return name.startsWith(temporaryPrefix);
}

/**
 * Explains why a statement of a migration failed. If it copies rows or builds an index, shows the rows that violate a constraint. The transaction
 * must still be open. Returns undefined if the error is not from SQLite.
 */
export function explainStatement(db: Database, sql: string, error: unknown, doing: string): StepError | undefined {
	if (sqliteCode(error) === undefined) return undefined;
	const source = sourceOf(db, sql, error as Error);
	const known = source === undefined ? undefined : explainConstraint(db, error, doing, source);
	return known ?? new StepError('migration', clean(guardText(error) ?? (error as Error).message), doing, {cause: error});
}

function sourceOf(db: Database, sql: string, {message}: Error): RowSource | undefined {
	if (statementFacts(sql).verb === 'CREATE') {
		const created = readStatement(sql);
		return created?.kind === 'index' ? {table: created.table, columns: [], index: sql} : undefined;
	}
	const copy = readCopy(sql);
	if (copy !== undefined && copy.into !== copy.from) {
		const names = copy.columns ?? columnFacts(db, copy.into).flatMap(({name, hidden}) => (hidden === 0 ? [String(name)] : []));
		const columns = names.map((name, index) => ({name, sql: copy.expressions[index] ?? 'NULL'}));
		const definition = definitionOf(db, copy.into);
		const named = isTemporary(copy.into) ? {temporary: copy.into} : {into: copy.into};
		return {table: copy.from, columns, ...named, definition};
	}
	// The rejected rows are not in the table, so the message can only name the constraint.
	const table = /^\w+ constraint failed: (.+?)\./.exec(message)?.[1];
	return table === undefined || columnFacts(db, table).length === 0 ? undefined : {table, columns: []};
}

function definitionOf(db: Database, table: string): Table | undefined {
	const sql = db.value("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE", table);
	return typeof sql === 'string' && /^\s*CREATE\s+TABLE/i.test(sql) ? readTable(sql) : undefined;
}
