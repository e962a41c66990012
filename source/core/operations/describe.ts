import {renderColumn} from '../ddl/render.ts';
import type {Check, Column, ForeignKey, Table, Unique} from '../schema/schema.ts';
import type {ColumnDelta, TableDelta} from './table-delta.ts';

/** One line of what changes, for people: `~ zip  TEXT → INTEGER`. */
export interface ChangeLine {
	readonly mark: '+' | '~' | '-';
	/** What it is about: `age INTEGER DEFAULT 0`, `zip`, `CHECK (n > 0)`. */
	readonly subject: string;
	/** What happens to it: `add column`, `TEXT → INTEGER, NOT NULL`; empty where mark and subject say it all. */
	readonly text: string;
}

/** What differs between two states of a table, a line each. */
export function describeDelta(delta: TableDelta, after: Table): readonly ChangeLine[] {
	const isOwn = (columns: readonly string[], own: readonly Column[]) => columns.length === 1 && own.some(({name}) => name === columns[0]);
	const uniqueLine = (mark: '+' | '-') => (unique: Unique) => line(mark, `UNIQUE (${unique.columns.map(({name}) => name).join(', ')})`);
	const checkLine = (mark: '+' | '-') => (check: Check) => line(mark, `CHECK (${check.expression.text})`);
	const keyLine = (mark: '+' | '-') => (key: ForeignKey) => line(mark, `FOREIGN KEY (${key.columns.join(', ')}) REFERENCES ${reference(key)}`);
	const names = (unique: Unique) => unique.columns.map(({name}) => name);
	return [
		...delta.changed.map(describeColumn),
		...delta.added.map((column) => line('+', renderColumn(column, after), 'add column')),
		...delta.dropped.map(({name}) => line('-', name, 'drop column')),
		...(delta.primaryKey
			? [line('~', 'PRIMARY KEY', after.primaryKey === undefined ? 'removed' : `(${after.primaryKey.columns.map(({name}) => name).join(', ')})`)]
			: []),
		...(delta.autoincrement ? [line('~', 'AUTOINCREMENT', after.primaryKey?.autoincrement === true ? 'added' : 'removed')] : []),
		...delta.uniques.dropped.filter((unique) => !isOwn(names(unique), delta.dropped)).map(uniqueLine('-')),
		...delta.uniques.added.filter((unique) => !isOwn(names(unique), delta.added)).map(uniqueLine('+')),
		...delta.checks.dropped.filter(({column}) => column === undefined || !isOwn([column], delta.dropped)).map(checkLine('-')),
		...delta.checks.added.filter(({column}) => column === undefined || !isOwn([column], delta.added)).map(checkLine('+')),
		...delta.foreignKeys.dropped.filter(({columns}) => !isOwn(columns, delta.dropped)).map(keyLine('-')),
		...delta.foreignKeys.added.filter(({columns}) => !isOwn(columns, delta.added)).map(keyLine('+')),
		...(delta.strict ? [line('~', 'STRICT', after.strict ? 'added' : 'removed')] : []),
		...(delta.withoutRowid ? [line('~', 'WITHOUT ROWID', after.withoutRowid ? 'added' : 'removed')] : []),
	];
}

function line(mark: ChangeLine['mark'], subject: string, text = ''): ChangeLine {
	return {mark, subject, text};
}

function describeColumn({before, after, type, notNull, default: newDefault, collate, generated}: ColumnDelta): ChangeLine {
	const declared = (column: Column) => (column.type === '' ? 'no type' : column.type);
	const computed = ({generated: from}: Column) =>
		from === undefined ? 'stored by itself' : `AS (${from.expression.text}) ${from.stored ? 'STORED' : 'VIRTUAL'}`;
	return line(
		'~',
		after.name,
		[
			...(type ? [`${declared(before)} → ${declared(after)}`] : []),
			...(notNull === undefined
				? []
				: [
						notNull === 'dropped'
							? 'may be NULL'
							: `NOT NULL${after.notNull?.onConflict === undefined ? '' : ` ON CONFLICT ${after.notNull.onConflict}`}`,
					]),
			...(newDefault ? [`default ${before.default?.text ?? 'none'} → ${after.default?.text ?? 'none'}`] : []),
			...(collate ? [`COLLATE ${after.collate ?? 'BINARY'}`] : []),
			...(generated ? [computed(after)] : []),
		].join(', '),
	);
}

/** What a foreign key says behind REFERENCES: `user(id) ON DELETE CASCADE`. */
export function reference(key: ForeignKey): string {
	const columns = key.parentColumns.length === 0 ? '' : `(${key.parentColumns.join(', ')})`;
	const actions = [key.onDelete === undefined ? '' : ` ON DELETE ${key.onDelete}`, key.onUpdate === undefined ? '' : ` ON UPDATE ${key.onUpdate}`];
	return `${key.parent}${columns}${actions.join('')}${key.deferred ? ' DEFERRABLE INITIALLY DEFERRED' : ''}`;
}
