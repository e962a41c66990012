import {createRequire} from 'node:module';
import {sha256} from '@noble/hashes/sha2.js';
import {bytesToHex, utf8ToBytes} from '@noble/hashes/utils.js';

type Crypto = typeof import('node:crypto');

/** Characters hashed so far. Loading node:crypto takes longer than hashing this many in JavaScript. */
let hashed = 0;
const enough = 16_384;
let native: Crypto | undefined;

/** Returns the SHA-256 of a text as hex. */
export function sha256Of(text: string): string {
	if (native === undefined) {
		hashed += text.length;
		if (hashed < enough) return bytesToHex(sha256(utf8ToBytes(text)));
		native = createRequire(import.meta.url)('node:crypto') as Crypto;
	}
	return native.hash('sha256', text);
}
