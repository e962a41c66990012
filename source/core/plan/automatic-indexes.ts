import {cursorOver, isWord} from '../ddl/cursor.ts';
import {nameKey} from '../schema/identifiers.ts';
import {findColumn} from '../schema/lookup.ts';
import {normalCollation} from '../schema/normal-form.ts';
import type {KeyColumn, Table} from '../schema/schema.ts';

/**
 * What the indexes that SQLite makes itself for PRIMARY KEY and UNIQUE hold, in the order of the constraints. They are numbered in that order and
 * belong to the definition by number (https://www.sqlite.org/fileformat2.html#intschema), so an edited definition must give the same.
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

/** How many UNIQUE stand before the PRIMARY KEY of a CREATE TABLE statement. */
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
