import {nameKey} from '../schema/identifiers.ts';
import type {VirtualTable} from '../schema/schema.ts';

/** `xShadowName` of SQLite's own modules (https://www.sqlite.org/vtab.html#xshadowname) and of sqlite-vec. */
const suffixes: Readonly<Record<string, RegExp>> = {
	fts3: /^(?:content|docsize|segdir|segments|stat)$/,
	fts4: /^(?:content|docsize|segdir|segments|stat)$/,
	fts5: /^(?:config|content|data|docsize|idx)$/,
	rtree: /^(?:node|parent|rowid)$/,
	rtree_i32: /^(?:node|parent|rowid)$/,
	geopoly: /^(?:node|parent|rowid)$/,
	vec0: /^(?:info|chunks|rowids|auxiliary|vector_chunks\d*|metadatachunks\d*|metadatatext\d*)$/,
};

/**
 * Returns the names that are shadow tables of a virtual table. They contain its data, and are created and dropped with it. For an unknown module,
 * every table named `<virtual table>_…` counts.
 */
export function shadowTablesOf(virtualTable: Pick<VirtualTable, 'name' | 'module'>, names: Iterable<string>): string[] {
	const prefix = `${nameKey(virtualTable.name)}_`;
	const known = knowsShadowsOf(virtualTable.module) ? suffixes[nameKey(virtualTable.module)] : undefined;
	const shadows: string[] = [];
	for (const name of names) {
		const key = nameKey(name);
		if (key.startsWith(prefix) && (known === undefined || known.test(key.slice(prefix.length)))) shadows.push(name);
	}

	return shadows;
}

/** True if the shadow table names of a module are known. SQLite reserves these names, so a table with such a name is always a shadow table. */
export function knowsShadowsOf(module: string): boolean {
	return Object.hasOwn(suffixes, nameKey(module));
}
