import type {Affinity} from '../schema/affinity.ts';

/** How a stored value changes under another declared type, as SQL. */
export interface Conversion {
	/** True for values that change visibly: '007' → 7. Undefined if no value can. */
	readonly changes: string | undefined;
	/** True for values that the type cannot store: 'abc' in INTEGER. Undefined if there are none. */
	readonly incompatible: string | undefined;
	/** A cheaper prefilter: true for all values of both kinds and for few others, so most rows are read only once. */
	readonly prefilter: string | undefined;
	/** The value after the conversion. */
	readonly value: string;
}

/** The column that a value is stored in. */
export interface StoredIn {
	readonly affinity: Affinity;
	/** True if a STRICT table or a rowid enforces the type. */
	readonly isStrict?: boolean | undefined;
	/** True for the type INTEGER, or for the column that is the rowid. */
	readonly isInteger?: boolean | undefined;
	/** True for the column that is the rowid. */
	readonly isRowid?: boolean | undefined;
	/** True if the SQL of the value may have a collation. Then '1.0e+300' could equal '1.0E+300'. */
	readonly mayCollate?: boolean | undefined;
}

/**
 * Returns how SQLite converts a stored value for a column of this affinity
 * (https://www.sqlite.org/datatype3.html#type_affinity, https://www.sqlite.org/stricttables.html).
 *
 * Text is converted if all of it is a number. A comparison with the CAST applies numeric affinity to the text, so the two are equal exactly then.
 *
 * @param value the stored value, as SQL
 */
export function conversion(
	value: string,
	{affinity, isStrict = false, isInteger = false, isRowid = false, mayCollate = false}: StoredIn,
): Conversion {
	const textOf = (number: string) => `CAST(${number} AS TEXT)${mayCollate ? ' COLLATE BINARY' : ''}`;
	const number = `CAST(${value} AS NUMERIC)`;
	const real = `CAST(${value} AS REAL)`;
	const isNumeric = `${number} = ${value}`;
	// Comes first, because it is cheap and false for nearly all values. False for a number spelled as SQLite spells it.
	const isRespelled = `${textOf(number)} <> ${value}`;
	const isText = `typeof(${value}) = 'text'`;
	switch (affinity) {
		case 'INTEGER':
		case 'NUMERIC': {
			// The smallest integer stays a REAL if it is one. Only a rowid accepts it.
			const differs = `${number} <> CAST(${number} AS INTEGER)`;
			const isBroken = isRowid ? differs : `(${differs} OR ${number} <= -9223372036854775808.0)`;
			const fraction = isStrict && isInteger ? ` OR (typeof(${number}) = 'real' AND ${isBroken} AND typeof(${value}) IN ('text', 'real'))` : '';
			// '10000000000000000.0' is spelled like a REAL, but becomes an INTEGER.
			const isShortened = `(typeof(${number}) = 'real' AND ${isWhole(number)})`;
			return {
				changes: `${isText} AND (${isRespelled} OR ${isShortened}) AND ${isNumeric}`,
				incompatible: `(${isText} AND ${isRespelled} AND NOT (${isNumeric})) OR typeof(${value}) = 'blob'${fraction}`,
				prefilter: `${isRespelled} OR ${isShortened} OR typeof(${value}) = 'blob'${fraction}`,
				value: converted(value, affinity),
			};
		}
		case 'REAL': {
			// Comparing an INTEGER with a REAL is exact, so this finds values that a REAL with 53 bits rounds.
			const isRounded = `${real} <> ${number}`;
			return {
				changes: `(${isText} AND (${isRespelled} OR ${isRounded}) AND ${isNumeric} AND ${textOf(real)} <> ${value}) OR (typeof(${value}) = 'integer' AND ${real} <> ${value})`,
				incompatible: `(${isText} AND ${isRespelled} AND NOT (${isNumeric})) OR typeof(${value}) = 'blob'`,
				prefilter: `${isRespelled} OR ${isRounded} OR typeof(${value}) = 'blob'`,
				value: converted(value, affinity),
			};
		}
		case 'TEXT':
			return {
				changes: `typeof(${value}) = 'real' AND CAST(CAST(${value} AS TEXT) AS REAL) <> ${value}`,
				incompatible: isStrict ? `typeof(${value}) = 'blob'` : undefined,
				prefilter: undefined,
				value: converted(value, affinity),
			};
		case 'BLOB':
			return {changes: undefined, incompatible: undefined, prefilter: undefined, value};
	}
}

/** Returns the value after SQLite has applied the affinity to it. */
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

/** Returns a condition that is true for a number that an integer column stores as an INTEGER. The smallest integer stays a REAL if it is one. */
function isWhole(number: string): string {
	return `CAST(${number} AS INTEGER) = ${number} AND ${number} > -9223372036854775808.0`;
}

/** Returns a number as an integer column stores it: CAST leaves a REAL with more than 51 bits unchanged. */
function wholeOf(number: string): string {
	return `iif(${isWhole(number)}, CAST(${number} AS INTEGER), ${number})`;
}

/** Returns a value as stored in a column of this affinity. A value that needs no conversion is returned unchanged. */
export function storedAs(value: string, affinity: Affinity): string {
	const bare = value.replace(/^\((.*)\)$/s, '$1');
	const isNull = /^null$/i.test(bare);
	const isStored = affinity === 'TEXT' ? /^'(?:[^']|'')*'$/.test(bare) : affinity === 'REAL' ? /^-?\d+\.\d+$/.test(bare) : /^-?\d{1,15}$/.test(bare);
	if (affinity === 'BLOB' || isNull || isStored) return value;
	return value.length < minLong
		? `(${converted(value, affinity)})`
		: `(SELECT ${converted('"_value"', affinity)} FROM (SELECT ${value} AS "_value"))`;
}

/** A conversion repeats the value. A longer value is written once, because values of values would grow exponentially. */
const minLong = 300;

/** True if changing the affinity converts stored values. INTEGER and NUMERIC store values in the same way. */
export function converts(from: Affinity, to: Affinity): boolean {
	const isNumber = (affinity: Affinity) => affinity === 'INTEGER' || affinity === 'NUMERIC';
	return from !== to && !(isNumber(from) && isNumber(to));
}
