import type {Affinity} from '../schema/affinity.ts';

/** What becomes of a stored value under another declared type, as SQL. */
export interface Conversion {
	/** True for values that change in a way that a person can see: '007' → 7. Undefined where none can. */
	readonly changes: string | undefined;
	/** True for values that the type cannot hold: 'abc' in INTEGER. Undefined where there are none. */
	readonly misfits: string | undefined;
	/** True for all of both and for few others, and cheaper to ask: most rows are read only once with it. */
	readonly suspects: string | undefined;
	/** The value after the conversion. */
	readonly value: string;
}

/**
 * How SQLite converts a value that is stored into a column of this affinity
 * (https://www.sqlite.org/datatype3.html#type_affinity, https://www.sqlite.org/stricttables.html).
 *
 * A text converts when it is a number as a whole: a comparison with the CAST applies numeric affinity to it, so it is equal just then.
 *
 * @param value the stored value, as SQL
 * @param isRowid true for the column that is the rowid
 */
export function conversion(value: string, affinity: Affinity, isStrict: boolean, isInteger: boolean, isRowid = false): Conversion {
	const number = `CAST(${value} AS NUMERIC)`;
	const real = `CAST(${value} AS REAL)`;
	const isNumeric = `${number} = ${value}`;
	// First, since it is cheap and false for nearly all values: a number that is spelled as SQLite spells it.
	const isRespelled = `CAST(${number} AS TEXT) <> ${value}`;
	const isText = `typeof(${value}) = 'text'`;
	switch (affinity) {
		case 'INTEGER':
		case 'NUMERIC': {
			// The least integer, as a REAL, stays one; only a rowid takes it.
			const differs = `${number} <> CAST(${number} AS INTEGER)`;
			const isBroken = isRowid ? differs : `(${differs} OR ${number} <= -9223372036854775808.0)`;
			const fraction = isStrict && isInteger ? ` OR (typeof(${number}) = 'real' AND ${isBroken} AND typeof(${value}) IN ('text', 'real'))` : '';
			// '10000000000000000.0' is spelled as a REAL is, and becomes an INTEGER.
			const isShortened = `(typeof(${number}) = 'real' AND ${isWhole(number)})`;
			return {
				changes: `${isText} AND (${isRespelled} OR ${isShortened}) AND ${isNumeric}`,
				misfits: `(${isText} AND ${isRespelled} AND NOT (${isNumeric})) OR typeof(${value}) = 'blob'${fraction}`,
				suspects: `${isRespelled} OR ${isShortened} OR typeof(${value}) = 'blob'${fraction}`,
				value: converted(value, affinity),
			};
		}
		case 'REAL': {
			// A comparison of an INTEGER with a REAL is exact: it finds what a REAL of 53 bits rounds.
			const isRounded = `${real} <> ${number}`;
			return {
				changes: `(${isText} AND (${isRespelled} OR ${isRounded}) AND ${isNumeric} AND CAST(${real} AS TEXT) <> ${value}) OR (typeof(${value}) = 'integer' AND ${real} <> ${value})`,
				misfits: `(${isText} AND ${isRespelled} AND NOT (${isNumeric})) OR typeof(${value}) = 'blob'`,
				suspects: `${isRespelled} OR ${isRounded} OR typeof(${value}) = 'blob'`,
				value: converted(value, affinity),
			};
		}
		case 'TEXT':
			return {
				changes: `typeof(${value}) = 'real' AND CAST(CAST(${value} AS TEXT) AS REAL) <> ${value}`,
				misfits: isStrict ? `typeof(${value}) = 'blob'` : undefined,
				suspects: undefined,
				value: converted(value, affinity),
			};
		case 'BLOB':
			return {changes: undefined, misfits: undefined, suspects: undefined, value};
	}
}

/** The value after SQLite has applied the affinity to it. */
function converted(value: string, affinity: Affinity): string {
	const number = `CAST(${value} AS NUMERIC)`;
	const isNumeric = `typeof(${value}) = 'text' AND ${number} = ${value}`;
	const integer = `CAST(${value} AS INTEGER)`;
	switch (affinity) {
		case 'INTEGER':
		case 'NUMERIC':
			return `CASE WHEN ${isNumeric} THEN ${wholeOf(number)} WHEN typeof(${value}) = 'real' AND ${integer} = ${value} THEN ${integer} ELSE ${value} END`;
		case 'REAL':
			return `CASE WHEN typeof(${value}) = 'integer' OR ${isNumeric} THEN CAST(${value} AS REAL) ELSE ${value} END`;
		case 'TEXT':
			return `CASE WHEN typeof(${value}) IN ('integer', 'real') THEN CAST(${value} AS TEXT) ELSE ${value} END`;
		case 'BLOB':
			return value;
	}
}

/** True for a number that a column of integers stores as an INTEGER; the least one, as a REAL, stays a REAL. */
function isWhole(number: string): string {
	return `CAST(${number} AS INTEGER) = ${number} AND ${number} > -9223372036854775808.0`;
}

/** A number as a column of integers stores it: CAST leaves a REAL of more than 51 bits one. */
function wholeOf(number: string): string {
	return `iif(${isWhole(number)}, CAST(${number} AS INTEGER), ${number})`;
}

/** A value as it is stored in a column of the affinity; one that is what it will be stays as it is written. */
export function storedAs(value: string, affinity: Affinity): string {
	const bare = value.replace(/^\((.*)\)$/s, '$1');
	const isNull = /^null$/i.test(bare);
	const isStored = affinity === 'TEXT' ? /^'(?:[^']|'')*'$/.test(bare) : affinity === 'REAL' ? /^-?\d+\.\d+$/.test(bare) : /^-?\d{1,15}$/.test(bare);
	return affinity === 'BLOB' || isNull || isStored ? value : `(${converted(value, affinity)})`;
}

/** True where a column that goes from one affinity to the other has its stored values converted: INTEGER and NUMERIC store the same. */
export function converts(from: Affinity, to: Affinity): boolean {
	const isNumber = (affinity: Affinity) => affinity === 'INTEGER' || affinity === 'NUMERIC';
	return from !== to && !(isNumber(from) && isNumber(to));
}
