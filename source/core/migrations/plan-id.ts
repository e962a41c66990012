import {sha256} from '@noble/hashes/sha2.js';
import {bytesToHex, utf8ToBytes} from '@noble/hashes/utils.js';

/** Returns 8 hexadecimal characters that identify these parts, in this order. */
export function shortHash(parts: readonly string[]): string {
	// The length in front of each part keeps ['ab', 'c'] and ['a', 'bc'] apart.
	const text = parts.map((part) => `${part.length}:${part}`).join('');
	return bytesToHex(sha256(utf8ToBytes(text))).slice(0, 8);
}
