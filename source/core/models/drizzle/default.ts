import {affinityOf} from '../../schema/affinity.ts';
import {literal} from '../../schema/identifiers.ts';
import {asDefault, expressionText} from './expression.ts';
import {valueLiteral} from './literal.ts';
import type {Orm, OrmColumn, OrmSql} from './orm.ts';
import {isKind} from './recognize.ts';

/**
 * Returns the SQL after DEFAULT for a column. Undefined if the database has no default: `$defaultFn` and `$onUpdate` only exist in drizzle-orm.
 *
 * A value is what drizzle-orm would pass to the driver, so the default is the same for SQLite and for drizzle-orm. It is written as drizzle-kit
 * writes it if that stores the same value, so a database created by drizzle-kit shows no difference.
 *
 * @throws MigrError `model` if SQLite cannot store the value
 */
export function drizzleDefault(orm: Orm, column: OrmColumn): string | undefined {
	const value = column.default;
	if (value === undefined || value === null) return undefined;
	if (isKind(value, 'SQL')) return asDefault(expressionText(orm, value as OrmSql, true));
	const driven = column.mapToDriverValue(value);
	if (isKind(driven, 'SQL')) return asDefault(expressionText(orm, driven as OrmSql, true));
	return kitSpelling(orm, column, value, driven) ?? asDefault(valueLiteral(driven));
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

/** True for a number that SQLite converts back to the same text. It keeps 15 digits of a fraction (https://www.sqlite.org/floatingpoint.html). */
function isPlainDecimal(text: string): boolean {
	return /^-?\d+(\.\d+)?$/.test(text) && text.replace(/\D/g, '').length <= 15;
}
