import {tokenize, tokenName} from '../ddl/lexer.ts';
import {renderColumn, renderConflict, renderKeyColumns, renderUnique} from '../ddl/render.ts';
import {identifier, literal, sameName} from '../schema/identifiers.ts';
import type {Check, Column, ForeignKey, Table, Unique} from '../schema/schema.ts';
import type {ColumnDelta, ListDelta, TableDelta} from './table-delta.ts';

/** One line that describes a change to the user: `~ zip  TEXT → INTEGER`. */
export interface ChangeLine {
	readonly mark: '+' | '~' | '-';
	/** The object that changes: `age INTEGER DEFAULT 0`, `zip`, `CHECK (n > 0)`. */
	readonly subject: string;
	/** The change: `add column`, `TEXT → INTEGER, NOT NULL`. Empty if mark and subject say enough. */
	readonly text: string;
}

/** Describes the differences between two states of a table, one per line. */
export function describeDelta(delta: TableDelta, after: Table): readonly ChangeLine[] {
	return [
		...delta.changed.map(describeColumn),
		...delta.added.map((column) => line('+', renderColumn(column, after), 'add column')),
		...delta.dropped.map(({name}) => line('-', name, 'drop column')),
		...describeKey(delta, after),
		...describeConstraints(delta, after),
		...(delta.strict ? [line('~', 'STRICT', after.strict ? 'added' : 'removed')] : []),
		...(delta.withoutRowid ? [line('~', 'WITHOUT ROWID', after.withoutRowid ? 'added' : 'removed')] : []),
	];
}

const nothing: readonly ChangeLine[] = [];

function describeKey(delta: TableDelta, {primaryKey}: Table): readonly ChangeLine[] {
	if (!delta.primaryKey && !delta.primaryKeyName && !delta.autoincrement) return nothing;
	return [
		...(delta.primaryKey
			? [
					line(
						'~',
						'PRIMARY KEY',
						primaryKey === undefined ? 'removed' : `(${renderKeyColumns(primaryKey.columns)})${renderConflict(primaryKey.onConflict)}`,
					),
				]
			: []),
		...(delta.primaryKeyName ? [line('~', 'PRIMARY KEY', primaryKey?.name === undefined ? 'without a name' : `named ${primaryKey.name}`)] : []),
		...(delta.autoincrement ? [line('~', 'AUTOINCREMENT', primaryKey?.autoincrement === true ? 'added' : 'removed')] : []),
	];
}

/** Describes changed constraints, except those of a column that is added or dropped with them. */
function describeConstraints({added, dropped, uniques, checks, foreignKeys}: TableDelta, after: Table): readonly ChangeLine[] {
	if ([uniques, checks, foreignKeys].every((list) => list.added.length + list.dropped.length === 0)) return nothing;
	const isOwn = (columns: readonly string[], own: readonly Column[]) => columns.length === 1 && own.some(({name}) => name === columns[0]);
	const isOfColumn = ({column}: Check, own: readonly Column[]) => column !== undefined && isOwn([column], own);
	const names = (unique: Unique) => unique.columns.map(({name}) => name);
	const uniqueLine = lineOf(uniques, renderUnique);
	const checkLine = lineOf(checks, ({expression}) => `CHECK (${expression.text})`);
	const requoted = checks.added.filter((check) => checks.dropped.some((other) => isRequoted(other, check, after)));
	const isOnlyRequoted = (check: Check) => requoted.includes(check) || requoted.some((other) => isRequoted(check, other, after));
	const keyLine = lineOf(foreignKeys, (key) => `FOREIGN KEY (${key.columns.join(', ')}) REFERENCES ${reference(key)}`);
	return [
		...uniques.dropped.filter((unique) => !isOwn(names(unique), dropped)).map(uniqueLine('-')),
		...uniques.added.filter((unique) => !isOwn(names(unique), added)).map(uniqueLine('+')),
		...requoted.map(({expression}) => line('~', `CHECK (${expression.text})`, 'only the quotes change: the database has texts in double quotes')),
		...checks.dropped.filter((check) => !isOnlyRequoted(check) && !isOfColumn(check, dropped)).map(checkLine('-')),
		...checks.added.filter((check) => !isOnlyRequoted(check) && !isOfColumn(check, added)).map(checkLine('+')),
		...foreignKeys.dropped.filter(({columns}) => !isOwn(columns, dropped)).map(keyLine('-')),
		...foreignKeys.added.filter(({columns}) => !isOwn(columns, added)).map(keyLine('+')),
	];
}

/** True if two constraints differ only in the quotes of texts: SQLite reads a text in double quotes in old definitions, if no column has that name. */
function isRequoted(before: Check, after: Check, {columns}: Table): boolean {
	const fixed = tokenize(before.expression.text).map((token) => {
		const isText = token.kind === 'quotedName' && token.text.startsWith('"') && !columns.some(({name}) => sameName(name, tokenName(token)));
		return isText ? literal(tokenName(token)) : token.text;
	});
	return before.name === after.name && before.expression.text !== after.expression.text && fixed.join('') === after.expression.text;
}

/** Describes a constraint. Includes its name only if a dropped and an added constraint have the same text. */
function lineOf<T extends {readonly name?: string | undefined}>({added, dropped}: ListDelta<T>, textOf: (constraint: T) => string) {
	return (mark: '+' | '-') => (constraint: T) => {
		const text = textOf(constraint);
		const isIn = (constraints: readonly T[]) => constraints.some((other) => textOf(other) === text);
		const isNamed = constraint.name !== undefined && isIn(dropped) && isIn(added);
		return line(mark, isNamed ? `CONSTRAINT ${identifier(constraint.name)} ${text}` : text);
	};
}

function line(mark: ChangeLine['mark'], subject: string, text = ''): ChangeLine {
	return {mark, subject, text};
}

function describeColumn({before, after, type, notNull, default: newDefault, collate, generated}: ColumnDelta): ChangeLine {
	const declared = (column: Column) => (column.type === '' ? 'no type' : column.type);
	const computed = ({generated: from}: Column) =>
		from === undefined ? 'no longer generated' : `AS (${from.expression.text}) ${from.stored ? 'STORED' : 'VIRTUAL'}`;
	return line(
		'~',
		after.name,
		[
			...(type ? [`${declared(before)} → ${declared(after)}`] : []),
			...(notNull === undefined ? [] : [notNull === 'dropped' ? 'may be NULL' : `NOT NULL${renderConflict(after.notNull?.onConflict)}`]),
			...(newDefault ? [`default ${before.default?.text ?? 'none'} → ${after.default?.text ?? 'none'}`] : []),
			...(collate ? [`COLLATE ${after.collate ?? 'BINARY'}`] : []),
			...(generated ? [computed(after)] : []),
		].join(', '),
	);
}

/** Returns the text of a foreign key after REFERENCES: `user(id) ON DELETE CASCADE`. */
export function reference(key: ForeignKey): string {
	const columns = key.parentColumns.length === 0 ? '' : `(${key.parentColumns.join(', ')})`;
	const actions = [key.onDelete === undefined ? '' : ` ON DELETE ${key.onDelete}`, key.onUpdate === undefined ? '' : ` ON UPDATE ${key.onUpdate}`];
	return `${key.parent}${columns}${actions.join('')}${key.deferred ? ' DEFERRABLE INITIALLY DEFERRED' : ''}`;
}
