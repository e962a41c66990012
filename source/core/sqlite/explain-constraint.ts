import {nameOf, tokenize} from '../ddl/lexer.ts';
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

/** Where the rows are that were being written when a constraint failed. */
export interface RowSource {
	/** The table that still has the rows. */
	readonly table: string;
	/** The name in SQLite's message, which the person never gave: that of the new table of a rewrite. */
	readonly temporary?: string;
	/** The name in SQLite's message, where it is another one that the person gave. */
	readonly into?: string;
	/** The table in the message as it is defined, where its CHECKs are to be told. */
	readonly definition?: Pick<Table, 'checks' | 'columns' | 'strict'>;
	/** Columns of the table in the message, and each one's value as SQL over a row of `table`. */
	readonly columns: readonly {readonly name: string; readonly sql: string}[];
	/** CREATE UNIQUE INDEX, when that failed. */
	readonly index?: string;
}

/**
 * A constraint that failed, with the rows that broke it and the SQL that finds them all. Undefined for other errors.
 * The transaction must still be open, so that the rows can be asked for.
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
		hint: 'mend the rows, or change the model, then run lite-migr upgrade again',
		cause: error,
	});
}

/** Where the rows cannot be asked as they stand now, the constraint alone is told. */
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

/** The expressions behind `UNIQUE constraint failed: t.a, t.b`, longest name first, since a name may hold a comma or a dot. */
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
		`${plural(total, 'value stands', 'values stand')} twice or more:  ${samples.join('   ')}${total > shown ? ' …' : ''}`,
		`all of them:  SELECT ${list}, count(*) ${groups}`,
	];
}

/** `CHECK constraint failed: positive`, or the expression where it has no name. */
function failingChecks(db: Database, message: string, source: RowSource): readonly string[] {
	const {table, definition, temporary, into} = source;
	const wanted = spaceless(message.slice(message.indexOf(': ') + 2));
	const check = definition?.checks.find(({name, expression}) => name === wanted || spaceless(expression.text) === wanted);
	if (definition === undefined || check === undefined) return [];
	const failing = substituteColumns(check.expression.text, temporary ?? into ?? table, storedValues(db, source, definition));
	return rowsThat(db, table, `FROM ${quoted(table)} WHERE NOT (${failing})`, (total) => plural(total, 'row fails it', 'rows fail it'));
}

/** What is made of the values by the types of the columns that they go into. */
function storedValues(db: Database, {table, columns}: RowSource, {columns: defined, strict}: NonNullable<RowSource['definition']>): Substitution {
	const types = new Map(columnFacts(db, table).map(({name, type}) => [nameKey(String(name)), columnAffinity(String(type), strict)]));
	return new Map(
		columns.map(({name, sql}) => {
			const affinity = columnAffinity(defined.find((column) => sameName(column.name, name))?.type ?? '', strict);
			const [token, ...more] = tokenize(sql);
			const was = token === undefined || more.length > 0 ? undefined : types.get(nameKey(nameOf(token)));
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
	return [`${words(total)}:  ${labels.join('; ')}${total > shownRows ? ' …' : ''}`, `all of them:  SELECT ${keyList(key)} ${where}`];
}
