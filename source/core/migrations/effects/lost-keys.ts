import {sha256} from '@noble/hashes/sha2.js';
import {bytesToHex, utf8ToBytes} from '@noble/hashes/utils.js';
import type {SqlValue} from '../../operations/operation.ts';
import {contentText} from './match-rows.ts';

/** A hash of all lost keys, so a plan covers exactly these rows and not only their number. */
export class LostKeys {
	readonly #hash = sha256.create();
	/** Hashed together: every call of the hash needs memory outside the heap, and there may be millions of keys. */
	#pending = '';

	constructor(table: string) {
		this.#add(JSON.stringify([table]));
	}

	addRow(key: readonly SqlValue[]): void {
		this.#add(`row ${contentText(key)}\n`);
	}

	addValue(column: string, key: readonly SqlValue[]): void {
		this.#add(`value ${JSON.stringify(column)} ${contentText(key)}\n`);
	}

	hash(): string {
		this.#hash.update(utf8ToBytes(this.#pending));
		return bytesToHex(this.#hash.digest());
	}

	#add(text: string): void {
		this.#pending += text;
		if (this.#pending.length < pendingLength) return;
		this.#hash.update(utf8ToBytes(this.#pending));
		this.#pending = '';
	}
}

const pendingLength = 10_000;
