/** The value of a string literal, or a `problem` if only Python can read it or Python would reject it. */
export type StringLiteral = {readonly string: string} | {readonly bytes: Uint8Array} | {readonly problem: string};

export type NumberLiteral = {readonly integer: bigint} | {readonly float: number} | {readonly problem: string};

const simpleEscapes: Readonly<Record<string, string>> = {
	'\n': '',
	'\\': '\\',
	"'": "'",
	'"': '"',
	a: '\x07',
	b: '\b',
	f: '\f',
	n: '\n',
	r: '\r',
	t: '\t',
	v: '\v',
};

/** Returns the prefix and body of a string literal without `f`. Undefined if it does not end with its opening quotes. */
export function partsOfString(literal: string): {readonly prefix: string; readonly body: string} | undefined {
	const opening = /^([A-Za-z]*)('''|"""|'|")/.exec(literal);
	if (opening === null) return undefined;
	const [head, prefix = '', quotes = ''] = opening;
	let at = head.length;
	while (at < literal.length && !literal.startsWith(quotes, at)) {
		if (quotes.length === 1 && literal[at] === '\n') return undefined;
		at += literal[at] === '\\' ? 2 : 1;
	}

	const isWhole = at + quotes.length === literal.length && literal.startsWith(quotes, at);
	return isWhole ? {prefix: prefix.toLowerCase(), body: literal.slice(head.length, at)} : undefined;
}

/** Reads one string literal, with its prefix and quotes: https://docs.python.org/3/reference/lexical_analysis.html#string-and-bytes-literals */
export function readString(literal: string): StringLiteral {
	const parts = partsOfString(literal);
	if (parts === undefined) return {problem: 'an unterminated string'};
	const {prefix, body} = parts;
	if (!['', 'r', 'u', 'b', 'br', 'rb'].includes(prefix)) return {problem: `a string with the prefix ${prefix}`};
	const isBytes = prefix.includes('b');
	const text = prefix.includes('r') ? body : unescaped(body, isBytes);
	if (text === undefined) return {problem: 'a string with an escape that only Python can read'};
	if (!isBytes) return text.isWellFormed() ? {string: text} : {problem: 'a string with half of a surrogate pair'};
	const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
	const limit = prefix.includes('r') ? 0x7f : 0xff;
	return codes.some((code) => code > limit) ? {problem: 'bytes with a character beyond ASCII'} : {bytes: Uint8Array.from(codes)};
}

const escapes = /\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([\s\S]))/g;

/** Replaces the escapes in a string. Undefined if an escape is malformed, or uses the Unicode name of a character. */
function unescaped(body: string, isBytes: boolean): string | undefined {
	if (isBytes && /[^\x00-\x7f]/.test(body)) return undefined;
	let isReadable = true;
	const text = body.replaceAll(escapes, (whole, octal?: string, hex?: string, short?: string, long?: string, other?: string) => {
		if (octal !== undefined) {
			const code = Number.parseInt(octal, 8);
			return String.fromCharCode(isBytes ? code & 0xff : code);
		}
		if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
		if (isBytes) {
			isReadable &&= other !== 'x';
			return simpleEscapes[other ?? ''] ?? whole;
		}
		const code = Number.parseInt(short ?? long ?? '0', 16);
		if (short !== undefined || long !== undefined) {
			isReadable &&= code <= 0x10_ffff;
			return code <= 0x10_ffff ? String.fromCodePoint(code) : '';
		}
		isReadable &&= !['x', 'u', 'U', 'N'].includes(other ?? '');
		return simpleEscapes[other ?? ''] ?? whole;
	});
	return isReadable ? text : undefined;
}

/** Reads a number: https://docs.python.org/3/reference/lexical_analysis.html#numeric-literals */
export function readNumber(literal: string): NumberLiteral {
	if (/j$/i.test(literal)) return {problem: 'a complex number'};
	if (/^(?:0(?:_?0)*|[1-9](?:_?\d)*|0[xX](?:_?[\dA-Fa-f])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+)$/.test(literal)) {
		return {integer: BigInt(literal.replaceAll('_', '').replace(/^0+(?=\d)/, ''))};
	}

	const digits = String.raw`\d(?:_?\d)*`;
	const float = new RegExp(`^(?:(?:${digits})?\\.${digits}|${digits}\\.?)(?:[eE][+-]?${digits})?$`);
	if (float.test(literal) && /[.eE]/.test(literal)) return {float: Number(literal.replaceAll('_', ''))};
	return {problem: `the malformed number ${literal}`};
}

/** Formats a float like Python's `repr` and `str`: the shortest digits that restore it, with an exponent from 1e16 up and below 0.0001. */
export function floatText(value: number): string {
	if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
	if (Object.is(value, -0)) return '-0.0';
	const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
	const power = Number(exponent);
	if (power < -4 || power >= 16) return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
	const digits = mantissa.replace(/[-.]/g, '');
	const sign = value < 0 ? '-' : '';
	if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${digits}`;
	const whole = digits.slice(0, power + 1).padEnd(power + 1, '0');
	return `${sign}${whole}.${digits.slice(power + 1) || '0'}`;
}
