import {sha256} from '@noble/hashes/sha2.js';
import {bytesToHex, utf8ToBytes} from '@noble/hashes/utils.js';
import {MigrError} from '../errors.ts';
import type {SqlValue} from '../operations/operation.ts';
import type {Database} from '../sqlite/database.ts';
import {advice} from '../text/advice.ts';
import {clean} from '../text/clean.ts';
import {sha256Of} from '../text/digest.ts';

/** Returns 8 hex characters of SHA-256 over the parts. The boundaries between the parts matter. */
export function shortHash(parts: readonly string[]): string {
	return sha256Of(parts.map((part) => `${part.length}:${part}`).join('')).slice(0, 8);
}

/**
 * Returns the id of a plan.
 *
 * @param base everything that is known before anything is written, as text
 * @param measured digests of the effects measured while statements ran, in the order they ran
 */
export function planId(base: string, measured: readonly string[]): string {
	return shortHash([base, ...measured]);
}

/**
 * Returns a plan id in lower case.
 *
 * @throws MigrError `usage` if the text is not a plan id
 */
export function readPlanId(text: string): string {
	if (/^[0-9a-f]{8}$/i.test(text)) return text.toLowerCase();
	throw new MigrError('usage', `${clean(text)} is not a plan id`, {
		hint: advice`${{command: 'run lite-migr upgrade --dry-run', program: 'run with dryRun: true'}} to see the id of the plan: 8 characters, such as 3f9c1a2b`,
	});
}

/** Number of characters hashed at a time. */
const chunk = 65_536;

/** Returns a digest of every value in all rows of a query. Reads one row at a time. */
export function rowsDigest(db: Database, sql: string): string {
	const hash = sha256.create();
	let text = '';
	let rows = 0;
	for (const row of db.iterate(sql)) {
		rows++;
		for (const name in row) text += encoded(row[name] ?? null);
		text += '\n';
		if (text.length < chunk) continue;
		hash.update(utf8ToBytes(text));
		text = '';
	}
	hash.update(utf8ToBytes(text));
	return `${rows} ${bytesToHex(hash.digest())}`;
}

/** Encodes a value so that different values always give different text, regardless of the text after them. */
function encoded(value: SqlValue): string {
	if (value === null) return 'n;';
	if (typeof value === 'string') return `${value.length}'${value}`;
	return value instanceof Uint8Array ? `x${bytesToHex(value)};` : `${value};`;
}
