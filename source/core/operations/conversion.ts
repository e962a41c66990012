import type {Affinity} from '../schema/affinity.ts';

/** What becomes of a stored value under another declared type, as SQL. */
export interface Conversion {
	/** True for values that change in a way that a person can see: '007' → 7. Undefined where none can. */
	readonly changes: string | undefined;
	/** True for values that the type cannot hold: 'abc' in INTEGER. Undefined where there are none. */
	readonly misfits: string | undefined;
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
 */
export function conversion(value: string, affinity: Affinity, isStrict: boolean, isInteger: boolean): Conversion {
	const number = `CAST(${value} AS NUMERIC)`;
	const isNumeric = `${number} = ${value}`;
	switch (affinity) {
		case 'INTEGER':
		case 'NUMERIC':
		case 'REAL': {
			const real = `CAST(${value} AS REAL)`;
			const target = affinity === 'REAL' ? real : number;
			const spelled = affinity === 'REAL' ? ` AND CAST(${real} AS TEXT) <> ${value}` : '';
			const text = `typeof(${value}) = 'text'`;
			const rounded = affinity === 'REAL' ? ` OR (typeof(${value}) = 'integer' AND CAST(${real} AS INTEGER) <> ${value})` : '';
			const fraction =
				isStrict && isInteger
					? ` OR (typeof(${number}) = 'real' AND ${number} <> CAST(${number} AS INTEGER) AND typeof(${value}) IN ('text', 'real'))`
					: '';
			return {
				changes: `(${text} AND ${isNumeric} AND CAST(${number} AS TEXT) <> ${value}${spelled})${rounded}`,
				misfits: `(${text} AND NOT (${isNumeric})) OR typeof(${value}) = 'blob'${fraction}`,
				value: `CASE WHEN ${text} AND NOT (${isNumeric}) OR typeof(${value}) IN ('blob', 'null') THEN ${value} ELSE ${target} END`,
			};
		}
		case 'TEXT': {
			const text = `CAST(${value} AS TEXT)`;
			return {
				changes: `typeof(${value}) = 'real' AND CAST(${text} AS REAL) <> ${value}`,
				misfits: isStrict ? `typeof(${value}) = 'blob'` : undefined,
				value: `CASE WHEN typeof(${value}) IN ('integer', 'real') THEN ${text} ELSE ${value} END`,
			};
		}
		case 'BLOB':
			return {changes: undefined, misfits: undefined, value};
	}
}
