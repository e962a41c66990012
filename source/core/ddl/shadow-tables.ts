import {nameKey} from '../schema/identifiers.ts';
import type {VirtualTable} from '../schema/schema.ts';

/** `xShadowName` of the modules that everybody has (https://www.sqlite.org/vtab.html#xshadowname), and of sqlite-vec. */
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
 * Those of the names that are tables in which a virtual table keeps its data: they are made and dropped with it.
 * Of a module that is not known, every table named `<virtual table>_…` is one.
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

/** True where the shadow tables of a module are known by name: SQLite keeps these names for itself, so that a table of this name is no other. */
export function knowsShadowsOf(module: string): boolean {
	return Object.hasOwn(suffixes, nameKey(module));
}
