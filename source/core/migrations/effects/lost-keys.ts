import {sha256} from '@noble/hashes/sha2.js';
import {bytesToHex, utf8ToBytes} from '@noble/hashes/utils.js';
import type {SqlValue} from '../../operations/operation.ts';
import {contentText} from './match-rows.ts';

/** A hash of every key that is lost: a plan names exactly these rows, not how many there are. */
export class LostKeys {
	readonly #hash = sha256.create();

	constructor(table: string) {
		this.#hash.update(utf8ToBytes(JSON.stringify([table])));
	}

	addRow(key: readonly SqlValue[]): void {
		this.#hash.update(utf8ToBytes(`row ${contentText(key)}\n`));
	}

	addValue(column: string, key: readonly SqlValue[]): void {
		this.#hash.update(utf8ToBytes(`value ${JSON.stringify(column)} ${contentText(key)}\n`));
	}

	hash(): string {
		return bytesToHex(this.#hash.digest());
	}
}
