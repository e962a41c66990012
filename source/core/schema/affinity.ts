import {isRowidAlias} from './key-columns.ts';
import type {Column, Table} from './schema.ts';

export type Affinity = 'INTEGER' | 'TEXT' | 'BLOB' | 'REAL' | 'NUMERIC';

/** Returns the affinity of a declared type (https://www.sqlite.org/datatype3.html#determination_of_column_affinity). */
export function affinityOf(type: string): Affinity {
	let affinity = affinities.get(type);
	if (affinity === undefined) {
		affinity = readAffinity(type);
		if (affinities.size >= maxAffinities) affinities.clear();
		affinities.set(type, affinity);
	}
	return affinity;
}

/** A schema with thousands of columns has a few types. */
const affinities = new Map<string, Affinity>();
const maxAffinities = 1000;

function readAffinity(type: string): Affinity {
	const upper = type.toUpperCase();
	if (upper.includes('INT')) return 'INTEGER';
	if (/CHAR|CLOB|TEXT/.test(upper)) return 'TEXT';
	if (upper === '' || upper.includes('BLOB')) return 'BLOB';
	return /REAL|FLOA|DOUB/.test(upper) ? 'REAL' : 'NUMERIC';
}

/**
 * Returns the affinity of a column in a table. In a STRICT table, ANY has no affinity. Elsewhere it is an unknown type with NUMERIC affinity
 * (https://www.sqlite.org/stricttables.html).
 */
export function columnAffinity(type: string, strict: boolean): Affinity {
	return strict && type.toUpperCase() === 'ANY' ? 'BLOB' : affinityOf(type);
}

/** Returns the type that SQLite enforces: any type except ANY in a STRICT table, and INTEGER for a rowid. Undefined if it accepts any value. */
export function enforcedType(table: Table, column: Column): string | undefined {
	if (isRowidAlias(table, column)) return 'INTEGER';
	const type = column.type.toUpperCase();
	if (!table.strict || type === 'ANY') return undefined;
	return type === 'INT' ? 'INTEGER' : type;
}
