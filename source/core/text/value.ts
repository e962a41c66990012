import {clean} from './clean.ts';
import {plural} from './numbers.ts';

/** Formats a stored value: `NULL`, `42`, `'Ann Lee'`, `a blob of 12 bytes`. The result is safe for a terminal and cut after `width` characters. */
export function valueText(value: string | number | bigint | Uint8Array | null, width = 40): string {
	if (value === null) return 'NULL';
	if (value instanceof Uint8Array) return `a blob of ${plural(value.length, 'byte')}`;
	if (typeof value !== 'string') return String(value);
	const characters = [...clean(value.slice(0, width * 4))];
	const cut = characters.length > width || value.length > width * 4;
	return `'${characters.slice(0, width).join('').replaceAll("'", "''")}${cut ? '…' : ''}'`;
}
