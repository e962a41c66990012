import type {Question} from '../diff/question.ts';
import type {SqlValue} from '../operations/operation.ts';
import {quoted} from '../schema/identifiers.ts';
import {findColumn, findTable} from '../schema/lookup.ts';
import type {Schema, Table} from '../schema/schema.ts';
import type {Database} from '../sqlite/database.ts';
import {keyList, rowKeyOf, rowLabel} from '../sqlite/row-key.ts';
import {countRows} from '../sqlite/table-facts.ts';

/** What the rows of the database say about a question. */
export interface Evidence {
	/** Rows of the table; null where there is none in the database yet. */
	readonly rows: number | null;
	/** For each candidate of a rename, or for the one thing that a drop or a fill is about, by name. */
	readonly candidates: readonly CandidateEvidence[];
	/** Finds the rows that a fill is about. */
	readonly sql: string | null;
}

export interface CandidateEvidence {
	readonly name: string;
	/** Values that are not NULL; for a table its rows; for a fill the rows that have no value. */
	readonly values: number;
	readonly samples: readonly EvidenceSample[];
}

export interface EvidenceSample {
	/** The row by its key, `id 17`; empty where that says nothing. */
	readonly row: string;
	/** Something by which a person knows the row: its first text. */
	readonly about: SqlValue;
	readonly value: SqlValue;
}

export const noEvidence: Evidence = {rows: null, candidates: [], sql: null};

const mostSamples = 12;

/**
 * Counts and samples for a question. Reads the tables once at most; a table or column that only pending migrations make has no evidence.
 *
 * @param present the schema of the database as it is, without what is pending
 */
export function evidenceFor(question: Question, db: Database, present: Schema): Evidence {
	switch (question.kind) {
		case 'rename':
			return question.column === undefined
				? renamedTables(question.candidates, db, present)
				: columnsOf(
						question.table,
						question.candidates.map(({name}) => name),
						db,
						present,
					);
		case 'drop':
			if (question.column !== undefined) return columnsOf(question.table, [question.column], db, present);
			return question.object === 'table' || question.object === 'virtualTable' ? renamedTables([{name: question.table}], db, present) : noEvidence;
		case 'fill':
			return fillEvidence(question.table, question.column, question.isNew, db, present);
	}
}

function renamedTables(candidates: readonly {readonly name: string}[], db: Database, present: Schema): Evidence {
	const known = candidates.filter(({name}) => isThere(present, name));
	const found = known.map(({name}) => ({name, values: countRows(db, name), samples: []}));
	return {rows: found[0]?.values ?? null, candidates: found, sql: null};
}

function columnsOf(name: string, columns: readonly string[], db: Database, present: Schema): Evidence {
	const table = findTable(present, name);
	if (table === undefined) return noEvidence;
	const known = columns.filter((column) => findColumn(table, column) !== undefined);
	const counts = db.get(
		`SELECT count(*) AS "rows"${known.map((column, index) => `, count(${quoted(column)}) AS "c${index}"`).join('')} FROM ${quoted(table.name)}`,
	);
	return {
		rows: Number(counts?.rows ?? 0),
		candidates: known.map((column, index) => ({
			name: column,
			values: Number(counts?.[`c${index}`] ?? 0),
			samples: samplesOf(db, table, quoted(column), `${quoted(column)} IS NOT NULL`),
		})),
		sql: null,
	};
}

function fillEvidence(name: string, column: string, isNew: boolean, db: Database, present: Schema): Evidence {
	const table = findTable(present, name);
	if (table === undefined) return noEvidence;
	const rows = countRows(db, table.name);
	const isStored = !isNew && findColumn(table, column) !== undefined;
	const where = isStored ? `${quoted(column)} IS NULL` : 'true';
	const values = isStored ? Number(db.value(`SELECT count(*) FROM ${quoted(table.name)} WHERE ${where}`)) : rows;
	const key = rowKeyOf(db, table.name);
	const keys = key.parts.map(({sql}) => sql).join(', ');
	return {
		rows,
		candidates: [{name: column, values, samples: samplesOf(db, table, 'NULL', where)}],
		sql: `SELECT ${keys === '' ? '*' : keys} FROM ${quoted(table.name)}${isStored ? ` WHERE ${where}` : ''}`,
	};
}

/** The first rows that meet a condition, each with the first text in it that is not a key. */
function samplesOf(db: Database, table: Table, value: string, where: string): readonly EvidenceSample[] {
	const key = rowKeyOf(db, table.name);
	const isKey = (name: string) => key.parts.some((part) => part.name === name);
	const about = table.columns.find(({name, type}) => !isKey(name) && /CHAR|TEXT|CLOB/i.test(type) && quoted(name) !== value);
	const rows = db.tuples(
		`SELECT ${keyList(key)}, ${about === undefined ? 'NULL' : quoted(about.name)}, ${value} FROM ${quoted(table.name)} WHERE ${where} LIMIT ${mostSamples}`,
	);
	return rows.map((values) => ({row: rowLabel(key, values.slice(0, key.parts.length)), about: values.at(-2) ?? null, value: values.at(-1) ?? null}));
}

function isThere(schema: Schema, name: string): boolean {
	return findTable(schema, name) !== undefined || schema.virtualTables.some((table) => table.name.toLowerCase() === name.toLowerCase());
}
