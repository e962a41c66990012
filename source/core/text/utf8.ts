import {isUtf8} from 'node:buffer';

/** The first line, from 1, of a text file that is not UTF-8; undefined if all of it is. */
export function firstBadLine(bytes: Uint8Array): number | undefined {
	if (isUtf8(bytes)) return undefined;
	let line = 1;
	for (let from = 0; ; line++) {
		const end = bytes.indexOf(10, from);
		if (end < 0 || !isUtf8(bytes.subarray(from, end))) return line;
		from = end + 1;
	}
}
