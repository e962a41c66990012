import type {FillQuestion, Question} from '../../diff/question.ts';
import type {SqlValue} from '../../operations/operation.ts';
import {quoted} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import {aliasedKey, keyList, labelFrom, rowKeyOf} from '../../sqlite/row-key.ts';
import {countRows} from '../../sqlite/table-facts.ts';

/** What the rows that are there say about a question. */
export interface Evidence {
	/** Rows of the table; null where there is no database, or the table is not in it yet. */
	readonly rows: number | null;
	/** For each candidate of a rename, or for the one thing that a drop or a fill is about. */
	readonly candidates: readonly CandidateEvidence[];
	/** Finds the rows that a fill is about. */
	readonly sql: string | null;
}

export interface CandidateEvidence {
	readonly name: string;
	/** Values that are not NULL; for a table its rows; for a fill the rows that have no value. */
	readonly values: number;
	/** At most twelve. */
	readonly samples: readonly EvidenceSample[];
}

export interface EvidenceSample {
	/** The row by its key, `id 17`. */
	readonly row: string;
	/** Something by which a person knows the row: its first text. */
	readonly about: SqlValue;
	readonly value: SqlValue;
}

export type FillTrial =
	| {readonly isValid: true; readonly samples: readonly {readonly row: string; readonly value: SqlValue}[]; readonly nulls: number}
	| {readonly isValid: false; readonly message: string};

const most = 12;
const nothing: Evidence = {rows: null, candidates: [], sql: null};

/** Counts and samples for a question, by SQL over the rows; tables and columns that the database does not have yet give nothing. */
export function evidenceFor(db: Database | undefined, question: Question): Evidence {
	if (db === undefined) return nothing;
	switch (question.kind) {
		case 'rename': {
			if (question.column === undefined) {
				const candidates = question.candidates.flatMap(({name}) => (hasTable(db, name) ? [tableEvidence(db, name)] : []));
				return {rows: candidates[0]?.values ?? null, candidates, sql: null};
			}
			return columnsEvidence(
				db,
				question.table,
				question.candidates.map(({name}) => name),
			);
		}
		case 'drop': {
			if (question.object === 'column' && question.column !== undefined) return columnsEvidence(db, question.table, [question.column]);
			if ((question.object !== 'table' && question.object !== 'virtualTable') || !hasTable(db, question.table)) return nothing;
			const table = tableEvidence(db, question.table);
			return {rows: table.values, candidates: [table], sql: null};
		}
		case 'fill':
			return fillEvidence(db, question);
	}
}

/** A fill expression against the rows that are there: what it gives for some of them, and for how many it gives NULL. */
export function tryFill(db: Database, question: FillQuestion, expression: string): FillTrial {
	const {table, column, isNew} = question;
	// A pending migration makes it.
	if (!hasTable(db, table)) return {isValid: true, samples: [], nulls: 0};
	const where = isNew ? '' : ` WHERE ${quoted(column)} IS NULL`;
	const key = rowKeyOf(db, table);
	try {
		const rows = db.all(`SELECT ${aliasedKey(key)}, (${expression}\n) AS "value" FROM ${quoted(table)}${where} LIMIT ${most}`);
		const nulls = Number(db.value(`SELECT count(*) FROM ${quoted(table)}${where === '' ? ' WHERE' : `${where} AND`} (${expression}\n) IS NULL`));
		return {isValid: true, samples: rows.map((row) => ({row: labelFrom(key, row), value: row.value ?? null})), nulls};
	} catch (error) {
		return {isValid: false, message: error instanceof Error ? error.message : String(error)};
	}
}

function hasTable(db: Database, table: string): boolean {
	return db.value("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE", table) === 1;
}

function hasColumn(db: Database, table: string, column: string): boolean {
	return db.value('SELECT count(*) FROM pragma_table_xinfo(?) WHERE name = ? COLLATE NOCASE', table, column) === 1;
}

function tableEvidence(db: Database, table: string): CandidateEvidence {
	const rows = countRows(db, table);
	const about = aboutOf(db, table);
	return {name: table, values: rows, samples: about === undefined ? [] : samplesOf(db, table, about, about, '')};
}

function columnsEvidence(db: Database, table: string, columns: readonly string[]): Evidence {
	if (!hasTable(db, table)) return nothing;
	const about = aboutOf(db, table) ?? 'NULL';
	return {
		rows: countRows(db, table),
		candidates: columns
			.filter((column) => hasColumn(db, table, column))
			.map((column) => ({
				name: column,
				values: Number(db.value(`SELECT count(${quoted(column)}) FROM ${quoted(table)}`)),
				samples: samplesOf(db, table, about, quoted(column), ` WHERE ${quoted(column)} IS NOT NULL`),
			})),
		sql: null,
	};
}

function fillEvidence(db: Database, {table, column, isNew}: FillQuestion): Evidence {
	if (!hasTable(db, table)) return nothing;
	const isThere = !isNew && hasColumn(db, table, column);
	if (!isNew && !isThere) return nothing;
	const where = isThere ? ` WHERE ${quoted(column)} IS NULL` : '';
	const values = Number(db.value(`SELECT count(*) FROM ${quoted(table)}${where}`));
	const samples = samplesOf(db, table, aboutOf(db, table) ?? 'NULL', isThere ? quoted(column) : 'NULL', where);
	return {
		rows: countRows(db, table),
		candidates: [{name: column, values, samples}],
		sql: `SELECT ${keyList(rowKeyOf(db, table))} FROM ${quoted(table)}${where}`,
	};
}

function samplesOf(db: Database, table: string, about: string, value: string, where: string): readonly EvidenceSample[] {
	const key = rowKeyOf(db, table);
	const rows = db.all(`SELECT ${aliasedKey(key)}, ${about} AS "about", ${value} AS "value" FROM ${quoted(table)}${where} LIMIT ${most}`);
	return rows.map((row) => ({row: labelFrom(key, row), about: row.about ?? null, value: row.value ?? null}));
}

/** The first column of text that is no part of the key. */
function aboutOf(db: Database, table: string): string | undefined {
	const column = db.value(
		"SELECT name FROM pragma_table_xinfo(?) WHERE pk = 0 AND hidden = 0 AND (type LIKE '%CHAR%' OR type LIKE '%TEXT%' OR type LIKE '%CLOB%') ORDER BY cid LIMIT 1",
		table,
	);
	return column === undefined ? undefined : quoted(String(column));
}
