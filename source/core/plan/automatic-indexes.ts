import {cursorOver, isWord} from '../ddl/cursor.ts';
import {nameKey} from '../schema/identifiers.ts';
import {findColumn} from '../schema/lookup.ts';
import {normalCollation} from '../schema/normal-form.ts';
import type {KeyColumn, Table} from '../schema/schema.ts';

/**
 * Returns the contents of the indexes that SQLite creates for PRIMARY KEY and UNIQUE, in the order of the constraints. SQLite numbers them in that order
 * and finds them by number (https://www.sqlite.org/fileformat2.html#intschema), so an edited definition must result in the same list.
 */
export function automaticIndexes(table: Table): readonly string[] {
	const {primaryKey} = table;
	const uniques = table.uniques.map(({columns}) => keyText(columns, table));
	if (primaryKey === undefined || primaryKey.rowidAlias) return [...new Set(uniques)];
	const place = uniquesBeforeKey(table.sql);
	return [...new Set([...uniques.slice(0, place), keyText(primaryKey.columns, table), ...uniques.slice(place)])];
}

function keyText(columns: readonly KeyColumn[], table: Table): string {
	return columns
		.map(({name, collate, descending}) => `${nameKey(name)} ${normalCollation(collate ?? findColumn(table, name)?.collate)} ${descending}`)
		.join(', ');
}

/** Returns the number of UNIQUE constraints before the PRIMARY KEY in a CREATE TABLE statement. */
function uniquesBeforeKey(sql: string): number {
	const {tokens} = cursorOver(sql);
	let depth = 0;
	let count = 0;
	for (const token of tokens) {
		if (token.text === '(') depth += 1;
		else if (token.text === ')') depth -= 1;
		else if (depth === 1 && isWord(token, 'UNIQUE')) count += 1;
		else if (depth === 1 && isWord(token, 'PRIMARY')) return count;
	}
	return count;
}
