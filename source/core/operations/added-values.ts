import {nameKey} from '../schema/identifiers.ts';
import {findColumn} from '../schema/lookup.ts';
import type {Table} from '../schema/schema.ts';
import type {TracedValue} from './traced-value.ts';

/** The values of a table after a column was added that changes no other value. */
interface Addition {
	/** Returns the values before. */
	readonly before: () => ReadonlyMap<string, TracedValue>;
	/** The table with the column. */
	readonly table: Table;
	readonly value: TracedValue;
}

/**
 * The values of a row with one more column. A migration can add thousands of columns, so a map of all values is created only when one is needed: the
 * value of a new column can be read without it.
 */
export class AddedValues implements ReadonlyMap<string, TracedValue> {
	readonly #addition: Addition;
	readonly #key: string;
	#all: ReadonlyMap<string, TracedValue> | undefined;

	constructor(addition: Addition) {
		this.#addition = addition;
		this.#key = nameKey(addition.table.columns.at(-1)?.name ?? '');
	}

	get(name: string): TracedValue | undefined {
		let values: ReadonlyMap<string, TracedValue> = this;
		for (; values instanceof AddedValues && values.#all === undefined; values = values.#addition.before()) {
			if (values.#key === name) return values === this ? this.#addition.value : this.#earlier(name, values.#addition.value);
		}
		const found = values.get(name);
		return found === undefined || values === this ? found : this.#earlier(name, found);
	}

	/** Returns a value that this change has not converted. Generated values are computed again by each change. */
	#earlier(name: string, value: TracedValue): TracedValue {
		const isSettled = value.raw === value.sql || findColumn(this.#addition.table, name)?.generated !== undefined;
		return isSettled ? value : {...value, raw: value.sql};
	}

	get #values(): ReadonlyMap<string, TracedValue> {
		if (this.#all !== undefined) return this.#all;
		const added: AddedValues[] = [];
		let values: ReadonlyMap<string, TracedValue> = this;
		for (; values instanceof AddedValues && values.#all === undefined; values = values.#addition.before()) added.push(values);
		const all = new Map([...values].map(([name, value]) => [name, this.#earlier(name, value)]));
		for (const one of added.reverse()) all.set(one.#key, one === this ? one.#addition.value : this.#earlier(one.#key, one.#addition.value));
		this.#all = all;
		return all;
	}

	get size(): number {
		return this.#values.size;
	}

	has(name: string): boolean {
		return this.get(name) !== undefined;
	}

	forEach(visit: (value: TracedValue, name: string, values: ReadonlyMap<string, TracedValue>) => void): void {
		for (const [name, value] of this.#values) visit(value, name, this);
	}

	entries(): MapIterator<[string, TracedValue]> {
		return this.#values.entries();
	}

	keys(): MapIterator<string> {
		return this.#values.keys();
	}

	values(): MapIterator<TracedValue> {
		return this.#values.values();
	}

	[Symbol.iterator](): MapIterator<[string, TracedValue]> {
		return this.#values.entries();
	}
}
