import {cursorOver} from '../ddl/cursor.ts';
import {columnAffinity} from '../schema/affinity.ts';
import {nameKey} from '../schema/identifiers.ts';
import type {TableWithLineage} from './hazard-row.ts';
import type {ValueTexts} from './lineage.ts';
import {substituteColumns} from './substitute.ts';

/**
 * Returns the condition of a CHECK constraint or a partial index over the rows before the migration.
 *
 * SQLite converts a literal to the affinity of the column that it is compared with: 1 in `flag = 1` becomes '1' if the column is TEXT
 * (https://www.sqlite.org/datatype3.html#type_conversions_prior_to_comparison). The value of a new or converted column is an expression without
 * affinity, so it gets that of the column by a CAST that does not change it. The value of a column that loses its type still has the old affinity.
 *
 * @param texts the values of the columns
 */
export function conditionOver(condition: string, {table, lineage}: Pick<TableWithLineage, 'table' | 'lineage'>, texts: ValueTexts): string {
	const {tokens} = cursorOver(condition);
	const hasNumber = tokens.some(({kind}) => kind === 'number');
	// Other text is no number, so it is compared as text.
	const hasNumberAsText = tokens.some(({kind, text}) => kind === 'string' && /^'[\t-\r ]*[-+]?\.?\d/.test(text));
	const over = (substitution: ValueTexts) => substituteColumns(condition, table.name, substitution);
	const typed = new Map(texts);
	const untyped = new Map(texts);
	const isTyped: string[] = [];
	for (const column of table.columns) {
		const key = nameKey(column.name);
		const value = lineage.values.get(key);
		const affinity = columnAffinity(column.type, table.strict);
		const isConverted = affinity === 'BLOB' ? hasNumber || hasNumberAsText : affinity === 'TEXT' ? hasNumber : hasNumberAsText;
		if (value === undefined || value.isPlain || !isConverted || over(new Map([[key, '']])) === condition) continue;
		const {sql} = value;
		const collation = (texts.get(key) ?? sql).slice(sql.length);
		if (affinity === 'BLOB') {
			// The unary plus removes the affinity of the old column.
			for (const all of [typed, untyped]) all.set(key, `+${sql}${collation}`);
			continue;
		}
		typed.set(key, `CAST(${sql} AS ${affinity === 'INTEGER' ? 'NUMERIC' : affinity})${collation}`);
		isTyped.push(`typeof(${sql}) ${affinity === 'TEXT' ? "<> 'blob'" : "IN ('integer', 'real', 'null')"}`);
	}
	return isTyped.length === 0 ? over(untyped) : `CASE WHEN ${isTyped.join(' AND ')} THEN ${over(typed)} ELSE ${over(untyped)} END`;
}
