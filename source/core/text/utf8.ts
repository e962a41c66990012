import {isUtf8} from 'node:buffer';

/** Returns the number of the first line, counted from 1, that is not valid UTF-8. Undefined if the whole file is valid. */
export function firstBadLine(bytes: Uint8Array): number | undefined {
	if (isUtf8(bytes)) return undefined;
	let line = 1;
	for (let from = 0; ; line++) {
		const end = bytes.indexOf(10, from);
		if (end < 0 || !isUtf8(bytes.subarray(from, end))) return line;
		from = end + 1;
	}
}
