import {historyTable} from '../../runtime/history-table.ts';
import {sameName} from '../../schema/identifiers.ts';
import {findTable, replacedIn} from '../../schema/lookup.ts';
import type {Schema, SchemaObject} from '../../schema/schema.ts';

/**
 * True if two schemas consist of the same objects, in the same order. Ignores the history table, which a copy may not have. Definitions with the same text
 * are read once, so equal schemas usually share their objects. If they do not, this returns false although they may be equal.
 */
export function isSameSchema(a: Schema, b: Schema): boolean {
	if (a === b || withoutHistory.get(a) === b) return true;
	return (
		haveSame(a.tables, b.tables) &&
		haveSame(a.indexes, b.indexes) &&
		haveSame(a.views, b.views) &&
		haveSame(a.triggers, b.triggers) &&
		haveSame(a.virtualTables, b.virtualTables)
	);
}

function haveSame(a: readonly SchemaObject[], b: readonly SchemaObject[]): boolean {
	if (a === b) return true;
	for (let [i, j] = [0, 0]; i < a.length || j < b.length; ) {
		const [one, other] = [a[i], b[j]];
		if (one !== undefined && one === other) {
			i++;
			j++;
		} else if (isHistory(one)) i++;
		else if (isHistory(other)) j++;
		else return false;
	}
	return true;
}

/** Returns `schema` with the history table of another schema, if it has none. */
export function withHistoryOf(other: Schema, schema: Schema): Schema {
	const table = findTable(other, historyTable);
	if (table === undefined || findTable(schema, historyTable) !== undefined) return schema;
	const extended = replacedIn(schema, 'tables', undefined, table);
	withoutHistory.set(extended, schema);
	return extended;
}

/** The schemas that `withHistoryOf` extended. */
const withoutHistory = new WeakMap<Schema, Schema>();

function isHistory(object: SchemaObject | undefined): boolean {
	return object?.kind === 'table' && sameName(object.name, historyTable);
}
