import type {Check, ConflictClause, ForeignKey, ForeignKeyAction, KeyColumn, PrimaryKey, Unique} from '../schema/schema.ts';
import {
	type Cursor,
	expectOperator,
	expectWord,
	isOperator,
	peek,
	readGroup,
	readName,
	syntaxError,
	takeOperator,
	takeWord,
	takeWords,
	unexpected,
} from './cursor.ts';
import {sqlBetween} from './expression.ts';

/** The constraints of a table, from both its column and its table constraints. */
export interface Constraints {
	primaryKey: Omit<PrimaryKey, 'rowidAlias'> | undefined;
	/** True if the key is written on a column. DESC then prevents it from being the rowid. */
	isInline: boolean;
	readonly uniques: Unique[];
	readonly checks: Check[];
	readonly foreignKeys: ForeignKey[];
}

export function noConstraints(): Constraints {
	return {primaryKey: undefined, isInline: false, uniques: [], checks: [], foreignKeys: []};
}

/** Reads PRIMARY KEY, UNIQUE, CHECK, REFERENCES or DEFERRABLE after a column. Returns false if none of them is next. */
export function readKeyConstraint(cursor: Cursor, column: string, constraints: Constraints, name: string | undefined): boolean {
	if (takeWords(cursor, 'PRIMARY', 'KEY')) {
		const descending = readOrder(cursor);
		const conflict = readConflict(cursor);
		const autoincrement = takeWord(cursor, 'AUTOINCREMENT');
		setPrimaryKey(cursor, constraints, {name, columns: [{name: column, descending}], autoincrement, ...conflict}, true);
	} else if (takeWord(cursor, 'UNIQUE')) {
		constraints.uniques.push({name, columns: [{name: column, descending: false}], ...readConflict(cursor)});
	} else if (takeWord(cursor, 'CHECK')) {
		const {from, to} = readGroup(cursor, 'an expression in parentheses');
		constraints.checks.push({name, expression: sqlBetween(cursor, from, to), column});
	} else if (takeWord(cursor, 'REFERENCES')) constraints.foreignKeys.push(readReferences(cursor, [column], name));
	else return readDeferral(cursor, constraints);
	return true;
}

export function setPrimaryKey(cursor: Cursor, constraints: Constraints, primaryKey: Omit<PrimaryKey, 'rowidAlias'>, isInline: boolean): void {
	if (constraints.primaryKey !== undefined) throw syntaxError(cursor, 'a table cannot have two primary keys', cursor.at - 1);
	constraints.primaryKey = primaryKey;
	constraints.isInline = isInline;
}

/** Steps over ASC or DESC. Returns true for DESC. */
function readOrder(cursor: Cursor): boolean {
	if (takeWord(cursor, 'DESC')) return true;
	takeWord(cursor, 'ASC');
	return false;
}

const conflictClauses: readonly ConflictClause[] = ['ROLLBACK', 'FAIL', 'IGNORE', 'REPLACE'];

/** Reads `ON CONFLICT …`. Returns an empty object for the default. */
export function readConflict(cursor: Cursor): {readonly onConflict?: ConflictClause} {
	if (!takeWords(cursor, 'ON', 'CONFLICT')) return {};
	if (takeWord(cursor, 'ABORT')) return {};
	const onConflict = conflictClauses.find((clause) => takeWord(cursor, clause));
	if (onConflict === undefined) throw unexpected(cursor, 'ROLLBACK, ABORT, FAIL, IGNORE or REPLACE');
	return {onConflict};
}

/** Reads the rest of a foreign key, after REFERENCES (https://www.sqlite.org/syntax/foreign-key-clause.html). */
export function readReferences(cursor: Cursor, columns: readonly string[], name: string | undefined): ForeignKey {
	const parent = readName(cursor, 'the name of a table');
	const parentColumns = isOperator(peek(cursor), '(') ? readNames(cursor) : [];
	let onDelete: ForeignKeyAction | undefined;
	let onUpdate: ForeignKeyAction | undefined;
	let match: string | undefined;
	while (true) {
		if (takeWord(cursor, 'MATCH')) match = readName(cursor, 'SIMPLE, PARTIAL or FULL');
		else if (takeWords(cursor, 'ON', 'DELETE')) onDelete = readAction(cursor);
		else if (takeWords(cursor, 'ON', 'UPDATE')) onUpdate = readAction(cursor);
		else if (takeWords(cursor, 'ON', 'INSERT')) readAction(cursor);
		else break;
	}

	return {
		name,
		columns,
		parent,
		parentColumns,
		onDelete,
		onUpdate,
		match,
		deferred: false,
	};
}

function readAction(cursor: Cursor): ForeignKeyAction | undefined {
	if (takeWords(cursor, 'SET', 'NULL')) return 'SET NULL';
	if (takeWords(cursor, 'SET', 'DEFAULT')) return 'SET DEFAULT';
	if (takeWord(cursor, 'CASCADE')) return 'CASCADE';
	if (takeWord(cursor, 'RESTRICT')) return 'RESTRICT';
	if (takeWords(cursor, 'NO', 'ACTION')) return undefined;
	throw unexpected(cursor, 'SET NULL, SET DEFAULT, CASCADE, RESTRICT or NO ACTION');
}

/** Reads `[NOT] DEFERRABLE …`. As in SQLite, it applies to the table's last foreign key so far, even one on another column. */
export function readDeferral(cursor: Cursor, constraints: Constraints): boolean {
	const not = takeWords(cursor, 'NOT', 'DEFERRABLE');
	if (!not && !takeWord(cursor, 'DEFERRABLE')) return false;
	let deferred = false;
	if (takeWord(cursor, 'INITIALLY')) {
		deferred = takeWord(cursor, 'DEFERRED');
		if (!deferred) expectWord(cursor, 'IMMEDIATE');
	}

	const last = constraints.foreignKeys.pop();
	if (last !== undefined) constraints.foreignKeys.push({...last, deferred: deferred && !not});
	return true;
}

/** Reads `(a, b)`. Ignores COLLATE, ASC and DESC after the names, as SQLite does. Old schemas may contain them. */
export function readNames(cursor: Cursor): string[] {
	expectOperator(cursor, '(');
	const names: string[] = [];
	do {
		names.push(readName(cursor, 'the name of a column'));
		if (takeWord(cursor, 'COLLATE')) readName(cursor, 'the name of a collation');
		readOrder(cursor);
	} while (takeOperator(cursor, ','));
	expectOperator(cursor, ')');
	return names;
}

/** Reads the columns of PRIMARY KEY or UNIQUE, after the opening parenthesis. Stops after the last column. */
export function readKeyColumns(cursor: Cursor): KeyColumn[] {
	const columns: KeyColumn[] = [];
	do {
		let depth = 0;
		while (takeOperator(cursor, '(')) depth += 1;
		const name = readName(cursor, 'the name of a column');
		let collate: string | undefined;
		while (true) {
			if (takeWord(cursor, 'COLLATE')) collate = readName(cursor, 'the name of a collation');
			else if (depth > 0 && takeOperator(cursor, ')')) depth -= 1;
			else break;
		}

		if (depth > 0) throw unexpected(cursor, '")"');
		columns.push({name, collate, descending: readOrder(cursor)});
	} while (takeOperator(cursor, ','));
	return columns;
}
