import {renameColumnIn} from '../../ddl/expression.ts';
import type {FillQuestion, Question} from '../../diff/question.ts';
import {hasNoOwnRows} from '../../operations/full-text.ts';
import type {SqlValue} from '../../operations/operation.ts';
import {quoted} from '../../schema/identifiers.ts';
import {findVirtualTable} from '../../schema/lookup.ts';
import type {Database} from '../../sqlite/database.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {aliasedKey, keyList, labelFrom, rowKeyOf} from '../../sqlite/row-key.ts';
import {countRows} from '../../sqlite/table-facts.ts';
import {thrownText} from '../../text/thrown.ts';

/** Facts from existing rows that help to answer a question. */
export interface Evidence {
	/** Rows of the table. Null if the database or the table does not exist yet. */
	readonly rows: number | null;
	/** One entry per candidate of a rename, or one for the object of a drop or a fill. */
	readonly candidates: readonly CandidateEvidence[];
	/** The query that finds the rows of a fill. */
	readonly sql: string | null;
}

export interface CandidateEvidence {
	readonly name: string;
	/** The number of values that are not NULL, of rows for a table, or of rows without a value for a fill. */
	readonly values: number;
	/** At most twelve. */
	readonly samples: readonly EvidenceSample[];
}

export interface EvidenceSample {
	/** The key of the row, such as `id 17`. */
	readonly row: string;
	/** The first text value of the row, which helps to recognize it. */
	readonly about: SqlValue;
	readonly value: SqlValue;
}

export type FillTrial =
	| {readonly isValid: true; readonly samples: readonly {readonly row: string; readonly value: SqlValue}[]; readonly nulls: number}
	| {readonly isValid: false; readonly message: string /** How to write the expression. */; readonly hint?: string | undefined};

const maxValues = 12;
const nothing: Evidence = {rows: null, candidates: [], sql: null};

/** Returns counts and samples for a question, read with SQL. Tables and columns that do not exist yet have none. */
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
			if (question.object === 'column') return columnsEvidence(db, question.table, [question.column]);
			if ((question.object !== 'table' && question.object !== 'virtualTable') || !hasTable(db, question.table)) return nothing;
			if (showsOnlyOtherRows(db, question.table)) return nothing;
			const table = tableEvidence(db, question.table);
			return {rows: table.values, candidates: [table], sql: null};
		}
		case 'fill':
			return fillEvidence(db, question);
	}
}

/** Tries a fill expression on existing rows. Returns some results, and the number of rows for which it is NULL. */
export function tryFill(db: Database, question: FillQuestion, expression: string): FillTrial {
	const {table, isNew, before} = question;
	const column = before ?? question.column;
	// A pending migration creates it.
	if (!hasTable(db, table)) return {isValid: true, samples: [], nulls: 0};
	const where = isNew ? '' : ` WHERE ${quoted(column)} IS NULL`;
	const key = rowKeyOf(db, table);
	// The column is only renamed when the migration runs.
	const present = before === undefined ? expression : renameColumnIn(expression, table, question.column, before);
	try {
		const rows = db.all(`SELECT ${aliasedKey(key)}, (${present}\n) AS "value" FROM ${quoted(table)}${where} LIMIT ${maxValues}`);
		const nulls = Number(db.value(`SELECT count(*) FROM ${quoted(table)}${where === '' ? ' WHERE' : `${where} AND`} (${present}\n) IS NULL`));
		return {isValid: true, samples: rows.map((row) => ({row: labelFrom(key, row), value: row.value ?? null})), nulls};
	} catch (error) {
		return {isValid: false, message: thrownText(error)};
	}
}

function hasTable(db: Database, table: string): boolean {
	return db.value("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE", table) === 1;
}

/** True for a virtual table over the rows of another table. It has no rows of its own to lose. */
function showsOnlyOtherRows(db: Database, name: string): boolean {
	const schema = introspect(db);
	const virtual = findVirtualTable(schema, name);
	return virtual !== undefined && hasNoOwnRows(virtual, schema);
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

function fillEvidence(db: Database, {table, column: now, before, isNew}: FillQuestion): Evidence {
	const column = before ?? now;
	if (!hasTable(db, table)) return nothing;
	const exists = !isNew && hasColumn(db, table, column);
	if (!isNew && !exists) return nothing;
	const where = exists ? ` WHERE ${quoted(column)} IS NULL` : '';
	const values = Number(db.value(`SELECT count(*) FROM ${quoted(table)}${where}`));
	const samples = samplesOf(db, table, aboutOf(db, table) ?? 'NULL', exists ? quoted(column) : 'NULL', where);
	return {
		rows: countRows(db, table),
		candidates: [{name: column, values, samples}],
		sql: `SELECT ${keyList(rowKeyOf(db, table))} FROM ${quoted(table)}${where}`,
	};
}

function samplesOf(db: Database, table: string, about: string, value: string, where: string): readonly EvidenceSample[] {
	const key = rowKeyOf(db, table);
	const rows = db.all(`SELECT ${aliasedKey(key)}, ${about} AS "about", ${value} AS "value" FROM ${quoted(table)}${where} LIMIT ${maxValues}`);
	return rows.map((row) => ({row: labelFrom(key, row), about: row.about ?? null, value: row.value ?? null}));
}

/** Returns the first text column that is not part of the key. */
function aboutOf(db: Database, table: string): string | undefined {
	const column = db.value(
		"SELECT name FROM pragma_table_xinfo(?) WHERE pk = 0 AND hidden = 0 AND (type LIKE '%CHAR%' OR type LIKE '%TEXT%' OR type LIKE '%CLOB%') ORDER BY cid LIMIT 1",
		table,
	);
	return column === undefined ? undefined : quoted(String(column));
}
