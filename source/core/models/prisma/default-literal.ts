import {literal} from '../../schema/identifiers.ts';
import {prismaError, valueText} from './prisma-error.ts';
import type {Scalar} from './resolve.ts';
import type {Value} from './syntax.ts';

/**
 * Returns a constant default as Prisma writes it in SQLite: bytes as hexadecimal text, and times with a space and an offset. Prisma forgets the
 * quotes of JSON, which SQLite then rejects or reads as a name, so JSON is the exception.
 *
 * @throws MigrError `model` if the value does not have the type
 */
export function defaultLiteral(scalar: Scalar, value: Value): string {
	const text = literalText(scalar, value);
	if (text === undefined) throw prismaError(value.place, `${valueText(value)} is not a value of type ${scalar}`, hints[scalar]);
	return text;
}

const hints: Readonly<Record<Scalar, string>> = {
	String: 'write a text in double quotes',
	Boolean: 'write true or false',
	Int: 'write a whole number',
	BigInt: 'write a whole number',
	Float: 'write a number',
	Decimal: 'write a number',
	DateTime: 'write a time with an offset, such as "2026-01-31T12:00:00Z"',
	Json: 'write JSON in double quotes, such as "{\\"a\\": 1}"',
	Bytes: 'write Base64 in double quotes',
};

function literalText(scalar: Scalar, value: Value): string | undefined {
	switch (scalar) {
		case 'String':
			return value.kind === 'string' ? literal(value.text) : undefined;
		case 'Boolean':
			return value.kind === 'name' && /^(?:true|false)$/.test(value.name) ? value.name : undefined;
		case 'Int':
		case 'BigInt':
			return value.kind === 'number' ? integerText(value.text) : undefined;
		case 'Float':
			return value.kind === 'number' ? decimalText(value.text) : undefined;
		case 'Decimal':
			return value.kind === 'number' || value.kind === 'string' ? decimalText(value.text) : undefined;
		case 'DateTime':
			return value.kind === 'string' ? timeText(value.text) : undefined;
		case 'Json':
			return value.kind === 'string' && isJson(value.text) ? literal(value.text) : undefined;
		case 'Bytes':
			return value.kind === 'string' ? bytesText(value.text) : undefined;
	}
}

function integerText(text: string): string | undefined {
	if (!/^-?\d+$/.test(text)) return undefined;
	const number = BigInt(text);
	return BigInt.asIntN(64, number) === number ? String(number) : undefined;
}

const maxDigits = 400;

/** Returns a decimal number without an exponent and without leading zeros. Zeros after the point are kept, as Prisma does. */
function decimalText(text: string): string | undefined {
	const found = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
	if (found === null) return undefined;
	const [, sign = '', whole = '', fraction = '', exponent = '0'] = found;
	if (whole + fraction === '') return undefined;
	const digits = whole + fraction;
	const point = whole.length + Number(exponent);
	if (Math.abs(point) > maxDigits) return undefined;
	const padded = digits.padStart(digits.length + Math.max(0, -point), '0').padEnd(Math.max(point, digits.length), '0');
	const split = Math.max(point, 0);
	const before = padded.slice(0, split).replace(/^0+(?=\d)/, '') || '0';
	const after = padded.slice(split);
	const isZero = /^0*$/.test(digits);
	return `${sign === '-' && !isZero ? '-' : ''}${before}${after === '' ? '' : `.${after}`}`;
}

/** https://www.rfc-editor.org/rfc/rfc3339#section-5.6, with a space allowed instead of T. */
const time = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d{2}:\d{2})$/;

function timeText(text: string): string | undefined {
	const found = time.exec(text);
	if (found === null) return undefined;
	const [, day = '', clock = '', digits = '', offset = ''] = found;
	// A leap second is valid, but Date does not know it.
	const date = new Date(`${day}T${clock.replace(/60$/, '59')}Z`);
	if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== day || !/^[+-](?:[01]\d|2[0-3]):[0-5]\d$|^[Zz]$/.test(offset))
		return undefined;
	const isZero = /^0*$/.test(digits);
	const length = digits.length <= 3 || /^\d{3}0*$/.test(digits) ? 3 : digits.length <= 6 || /^\d{6}0*$/.test(digits) ? 6 : 9;
	const fraction = isZero ? '' : `.${digits.slice(0, length).padEnd(length, '0')}`;
	return literal(`${day} ${clock}${fraction} ${/^[Zz]$|^-00:00$/.test(offset) ? '+00:00' : offset}`);
}

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}

function bytesText(text: string): string | undefined {
	const bytes = Buffer.from(text, 'base64');
	return bytes.toString('base64') === text ? literal(bytes.toString('hex')) : undefined;
}
