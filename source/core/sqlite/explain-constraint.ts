import {tokenize, tokenName} from '../ddl/lexer.ts';
import {readIndex} from '../ddl/read.ts';
import {storedAs} from '../operations/conversion.ts';
import {type Substitution, substituteColumns} from '../operations/substitute.ts';
import {columnAffinity} from '../schema/affinity.ts';
import {nameKey, quoted, sameName} from '../schema/identifiers.ts';
import type {Table} from '../schema/schema.ts';
import {clean} from '../text/clean.ts';
import {plural} from '../text/numbers.ts';
import {valueText} from '../text/value.ts';
import type {Database} from './database.ts';
import {sqliteCode} from './failure.ts';
import {keyList, rowKeyOf, rowLabel} from './row-key.ts';
import {StepError} from './step-error.ts';
import {columnFacts} from './table-facts.ts';

/** Describes the origin of the rows that were being written when a constraint failed. */
export interface RowSource {
	/** The table that still has the rows. */
	readonly table: string;
	/** The name in SQLite's message if lite-migr chose it: the temporary name of the new table in a rewrite. */
	readonly temporary?: string;
	/** The name in SQLite's message if the user chose it and it differs from `table`. */
	readonly into?: string;
	/** The definition of the table in the message. Needed to report which CHECK failed. */
	readonly definition?: Pick<Table, 'checks' | 'columns' | 'strict'> | undefined;
	/** Columns of the table in the message, each with its value as SQL over a row of `table`. */
	readonly columns: readonly {readonly name: string; readonly sql: string}[];
	/** The CREATE UNIQUE INDEX statement that failed, if it was one. */
	readonly index?: string;
}

/**
 * Explains a failed constraint: shows rows that violate it and the SQL that finds all of them. Returns undefined for other errors.
 * The transaction must still be open, so the rows can be queried.
 */
export function explainConstraint(db: Database, error: unknown, doing: string, source: RowSource): StepError | undefined {
	const code = sqliteCode(error);
	if (code === undefined || !(code.startsWith('SQLITE_CONSTRAINT') || code === 'SQLITE_MISMATCH')) return undefined;
	const raw = (error as Error).message;
	const message = source.temporary === undefined ? raw : raw.replaceAll(`${source.temporary}.`, `${source.table}.`);
	const columns = brokenColumns(raw, source);
	const details = factsOrNone(() => factsOf(code, raw, db, columns, source));
	return new StepError('hazard', clean(message), doing, {
		location: {table: source.table},
		details,
		hint: 'fix the rows or change the model, then run lite-migr upgrade again',
		cause: error,
	});
}

/** Returns no details if the rows cannot be queried in their current state. The message then names the constraint only. */
function factsOrNone(find: () => readonly string[]): readonly string[] {
	try {
		return find();
	} catch (error) {
		if (sqliteCode(error) === 'SQLITE_ERROR') return [];
		throw error;
	}
}

function factsOf(code: string, message: string, db: Database, columns: readonly string[], source: RowSource): readonly string[] {
	if (code === 'SQLITE_CONSTRAINT_CHECK') return failingChecks(db, message, source);
	if (columns.length === 0) return [];
	if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY' || code === 'SQLITE_CONSTRAINT_ROWID')
		return duplicates(db, columns, source);
	if (code === 'SQLITE_CONSTRAINT_NOTNULL') return nulls(db, columns, source);
	return [];
}

/** Returns the expressions named in `UNIQUE constraint failed: t.a, t.b`. Tries the longest name first, because a name may contain a comma or a dot. */
function brokenColumns(message: string, source: RowSource): readonly string[] {
	if (source.index !== undefined) return readIndex(source.index).columns.map((column) => column.expression.text);
	const prefix = `${source.temporary ?? source.into ?? source.table}.`;
	const names = [...source.columns].sort((a, b) => b.name.length - a.name.length);
	const found: string[] = [];
	let rest = message.slice(message.indexOf(': ') + 2);
	while (rest.startsWith(prefix)) {
		rest = rest.slice(prefix.length);
		const column = names.find(({name}) => rest === name || rest.startsWith(`${name}, `));
		if (column === undefined) return [];
		found.push(column.sql);
		rest = rest.slice(column.name.length + 2);
	}
	return found;
}

const shown = 3;
const shownRows = 5;

function duplicates(db: Database, columns: readonly string[], {table, index}: RowSource): readonly string[] {
	const where = index === undefined ? undefined : readIndex(index).where?.text;
	const list = columns.join(', ');
	const filter = [...columns.map((column) => `(${column}) IS NOT NULL`), ...(where === undefined ? [] : [`(${where})`])].join(' AND ');
	const groups = `FROM ${quoted(table)} WHERE ${filter} GROUP BY ${list} HAVING count(*) > 1`;
	const total = Number(db.value(`SELECT count(*) FROM (SELECT 1 ${groups})`));
	if (total === 0) return [];
	const key = rowKeyOf(db, table);
	const samples = db.tuples(`SELECT ${list} ${groups} LIMIT ${shown}`).map((values) => {
		const same = columns.map((column) => `(${column}) = ?`).join(' AND ');
		const rows = db.tuples(`SELECT ${keyList(key)} FROM ${quoted(table)} WHERE ${filter} AND ${same} LIMIT ${shownRows}`, ...values);
		const labels = rows.map((row) => rowLabel(key, row));
		return `${values.map((value) => valueText(value)).join(', ')} (${labels.join('; ')}${rows.length === shownRows ? ' …' : ''})`;
	});
	return [
		`${plural(total, 'duplicate value')}:  ${samples.join('   ')}${total > shown ? ' …' : ''}`,
		`find all:  SELECT ${list}, count(*) ${groups}`,
	];
}

/** Finds the rows that caused `CHECK constraint failed: positive`. An unnamed CHECK is reported by its expression. */
function failingChecks(db: Database, message: string, source: RowSource): readonly string[] {
	const {table, definition, temporary, into} = source;
	const reported = spaceless(message.slice(message.indexOf(': ') + 2));
	const check = definition?.checks.find(({name, expression}) => name === reported || spaceless(expression.text) === reported);
	if (definition === undefined || check === undefined) return [];
	const failing = substituteColumns(check.expression.text, temporary ?? into ?? table, storedValues(db, source, definition));
	return rowsThat(db, table, `FROM ${quoted(table)} WHERE NOT (${failing})`, (total) => plural(total, 'row fails the check', 'rows fail the check'));
}

/** Returns the values as the types of the target columns convert them. */
function storedValues(db: Database, {table, columns}: RowSource, {columns: defined, strict}: NonNullable<RowSource['definition']>): Substitution {
	const types = new Map(columnFacts(db, table).map(({name, type}) => [nameKey(String(name)), columnAffinity(String(type), strict)]));
	return new Map(
		columns.map(({name, sql}) => {
			const affinity = columnAffinity(defined.find((column) => sameName(column.name, name))?.type ?? '', strict);
			const [token, ...more] = tokenize(sql);
			const was = token === undefined || more.length > 0 ? undefined : types.get(nameKey(tokenName(token)));
			return [nameKey(name), was === affinity ? sql : storedAs(`(${sql})`, affinity)];
		}),
	);
}

function spaceless(text: string): string {
	return text.replace(/\s+/g, ' ').trim();
}

function nulls(db: Database, columns: readonly string[], {table}: RowSource): readonly string[] {
	const where = `FROM ${quoted(table)} WHERE (${columns[0]}) IS NULL`;
	return rowsThat(db, table, where, (total) => plural(total, 'row has no value', 'rows have no value'));
}

function rowsThat(db: Database, table: string, where: string, words: (total: number) => string): readonly string[] {
	const total = Number(db.value(`SELECT count(*) ${where}`));
	if (total === 0) return [];
	const key = rowKeyOf(db, table);
	const labels = db.tuples(`SELECT ${keyList(key)} ${where} LIMIT ${shownRows}`).map((row) => rowLabel(key, row));
	return [`${words(total)}:  ${labels.join('; ')}${total > shownRows ? ' …' : ''}`, `find all:  SELECT ${keyList(key)} ${where}`];
}
