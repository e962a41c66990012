/** A value as SQLite stores it. */
export interface Stored {
	readonly type: string;
	/** An exact literal of the value. */
	readonly quoted: string;
	readonly text: string;
	/** Its text converted to REAL, as a literal. */
	readonly asReal: string;
}

/** Returns the expressions that read a stored value, in the order that `storedFrom` expects. */
export function readStored(value: string): string {
	return `typeof(${value}), quote(${value}), CAST(${value} AS TEXT), quote(CAST(CAST(${value} AS TEXT) AS REAL))`;
}

export function storedFrom([type, quoted, text, asReal]: readonly unknown[]): Stored {
	return {type: String(type), quoted: String(quoted), text: String(text), asReal: String(asReal)};
}

/**
 * True if both are the same number or text. A text that becomes a number must be spelled like it, or be an integer that a REAL represents exactly.
 *
 * @param isReal true for a column of REAL affinity
 */
export function isSame(was: Stored, is: Stored, isReal: boolean): boolean {
	if (was.type === is.type) return was.quoted === is.quoted || (was.type === 'real' && Number(was.quoted) === Number(is.quoted));
	switch (`${was.type} ${is.type}`) {
		case 'text integer':
		case 'integer text':
			return was.text === is.text;
		case 'text real':
			return was.text === is.text || (isReal && /^(0|-?[1-9]\d*)$/.test(was.text) && isInteger(BigInt(was.text)) && isExact(was.text, is.quoted));
		case 'real text':
			return Number(is.asReal) === Number(was.quoted);
		case 'integer real':
			return isExact(was.quoted, is.quoted);
		case 'real integer':
			return isExact(is.quoted, was.quoted);
		default:
			return false;
	}
}

function isInteger(number: bigint): boolean {
	return BigInt.asIntN(64, number) === number;
}

function isExact(integer: string, real: string): boolean {
	const number = Number(real);
	return Number.isInteger(number) && BigInt(number) === BigInt(integer);
}
