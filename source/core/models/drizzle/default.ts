import {affinityOf} from '../../schema/affinity.ts';
import {literal} from '../../schema/identifiers.ts';
import {asDefault, expressionText} from './expression.ts';
import {valueLiteral} from './literal.ts';
import type {Orm, OrmColumn, OrmSql} from './orm.ts';
import {isKind} from './recognise.ts';

/**
 * What stands behind DEFAULT for a column, or undefined where the database has no default: `$defaultFn` and `$onUpdate` are drizzle-orm's own.
 *
 * A value is what drizzle-orm would give to the driver for it, so that a row has the same whoever fills it in. It is spelled as drizzle-kit spells
 * it where that stores the same, so that a database made by drizzle-kit has no difference.
 *
 * Throws MigrError('model') for a value that SQLite cannot store.
 */
export function defaultText(orm: Orm, column: OrmColumn): string | undefined {
	const value = column.default;
	if (value === undefined || value === null) return undefined;
	if (isKind(value, 'SQL')) return asDefault(expressionText(orm, value as OrmSql, true));
	const driven = column.mapToDriverValue(value);
	if (isKind(driven, 'SQL')) return asDefault(expressionText(orm, driven as OrmSql, true));
	return kitSpelling(orm, column, value, driven) ?? valueLiteral(driven);
}

function kitSpelling(orm: Orm, column: OrmColumn, value: unknown, driven: unknown): string | undefined {
	if (typeof value === 'boolean' && driven === Number(value)) return String(value);
	if (typeof driven !== 'string' || driven !== String(value)) return undefined;
	const affinity = affinityOf(column.getSQLType());
	const isNumeric = affinity !== 'TEXT' && affinity !== 'BLOB';
	if (typeof value === 'bigint' && isNumeric) return orm.generation === 0 ? driven : literal(driven);
	if (typeof value !== 'number') return undefined;
	return isNumeric || (affinity === 'TEXT' && orm.generation === 0 && isPlainDecimal(driven)) ? driven : undefined;
}

/** True for a number that SQLite turns into the same text again: it keeps 15 digits of a fraction (https://www.sqlite.org/floatingpoint.html). */
function isPlainDecimal(text: string): boolean {
	return /^-?\d+(\.\d+)?$/.test(text) && text.replace(/\D/g, '').length <= 15;
}
