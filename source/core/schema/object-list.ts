import {nameKey} from './identifiers.ts';

interface Named {
	readonly name: string;
}

/** The tables that an object belongs to: for an index or a trigger its table, and for a table those that its foreign keys name. */
interface Standing extends Named {
	readonly table?: string;
	readonly foreignKeys?: readonly {readonly parent: string}[];
}

const nothing: readonly never[] = [];

function ownersOf({table, foreignKeys}: Standing): readonly string[] {
	if (table !== undefined) return [nameKey(table)];
	if (foreignKeys === undefined || foreignKeys.length === 0) return nothing;
	const [first] = foreignKeys;
	if (foreignKeys.length === 1 && first !== undefined) return [nameKey(first.parent)];
	return [...new Set(foreignKeys.map(({parent}) => nameKey(parent)))];
}

/** One change: an object that was replaced, added (without `old`) or removed (without `now`). */
interface Change<T> {
	readonly previous: Change<T> | undefined;
	readonly old: T | undefined;
	readonly now: T | undefined;
	readonly oldKey: string | undefined;
	readonly nowKey: string | undefined;
	readonly oldOwners: readonly string[];
	readonly nowOwners: readonly string[];
	/** The number of changes, including this one. */
	readonly count: number;
}

/** With more changes than this, a new list is cheaper than keeping the changes. */
function maxChanges(length: number): number {
	return Math.max(64, 4 * Math.sqrt(length));
}

/**
 * The objects of one kind in a schema, found by name and by table. A list that differs from another by one object shares everything with it, and its
 * array is only created if it is read. So ten thousand operations on a schema with thousands of tables need little more memory than the schema.
 */
export class ObjectList<T extends Named> {
	readonly #base: readonly T[];
	readonly #last: Change<T> | undefined;
	#array: readonly T[] | undefined;

	constructor(base: readonly T[], last?: Change<T>) {
		this.#base = base;
		this.#last = last;
	}

	/** The objects in order. */
	get array(): readonly T[] {
		this.#array ??= this.#last === undefined ? this.#base : arrayAfter(this.#base, this.#last);
		return this.#array;
	}

	find(name: string): T | undefined {
		if (this.#base.length === 0 && this.#last === undefined) return undefined;
		const key = nameKey(name);
		for (let change = this.#last; change !== undefined; change = change.previous) {
			if (change.nowKey === key) return change.now;
			if (change.oldKey === key) return undefined;
		}
		return byName(this.#base).get(key);
	}

	/** Returns the indexes or triggers of a table, or the tables that refer to it, in order. */
	on(table: string): readonly T[] {
		if (this.#base.length === 0 && this.#last === undefined) return [];
		const key = nameKey(table);
		let changes: Change<T>[] | undefined;
		for (let change = this.#last; change !== undefined; change = change.previous) {
			const was = change.oldOwners.includes(key);
			const is = change.nowOwners.includes(key);
			// An object from another table may come before objects of this one.
			if (is && !was && change.old !== undefined) return this.array.filter((object) => ownersOf(object).includes(key));
			if (was || is) {
				if (changes === undefined) changes = [change];
				else changes.push(change);
			}
		}
		const group = byTable(this.#base).get(key) ?? nothing;
		if (changes === undefined) return group;
		const objects = [...group];
		for (const {old, now, nowOwners} of changes.reverse()) replaceIn(objects, old, nowOwners.includes(key) ? now : undefined);
		return objects;
	}

	/** Returns the list with one object replaced. Adds `now` at the end if `old` is undefined, and removes `old` if `now` is undefined. */
	replaced(old: T | undefined, now: T | undefined): ObjectList<T> {
		const last = this.#last;
		const isFull = last !== undefined && last.count >= maxChanges(this.#base.length);
		const change: Change<T> = {
			previous: isFull ? undefined : last,
			old,
			now,
			oldKey: old && nameKey(old.name),
			nowKey: now && nameKey(now.name),
			oldOwners: old === undefined ? nothing : ownersOf(old),
			nowOwners: now === undefined ? nothing : ownersOf(now),
			count: isFull ? 1 : (last?.count ?? 0) + 1,
		};
		return new ObjectList(isFull ? this.array : this.#base, change);
	}
}

function arrayAfter<T>(base: readonly T[], last: Change<T>): readonly T[] {
	const changes: Change<T>[] = [];
	for (let change: Change<T> | undefined = last; change !== undefined; change = change.previous) changes.push(change);
	const objects = [...base];
	for (const {old, now} of changes.reverse()) replaceIn(objects, old, now);
	return objects;
}

function replaceIn<T>(objects: T[], old: T | undefined, now: T | undefined): void {
	if (old === undefined) {
		if (now !== undefined) objects.push(now);
		return;
	}
	const at = objects.indexOf(old);
	if (now === undefined) objects.splice(at, 1);
	else objects[at] = now;
}

const nameIndexes = new WeakMap<readonly Named[], ReadonlyMap<string, Named>>();
const tableIndexes = new WeakMap<readonly Named[], ReadonlyMap<string, readonly Named[]>>();

function byName<T extends Named>(objects: readonly T[]): ReadonlyMap<string, T> {
	let index = nameIndexes.get(objects);
	if (index === undefined) {
		index = new Map(objects.map((object) => [nameKey(object.name), object]));
		nameIndexes.set(objects, index);
	}
	return index as ReadonlyMap<string, T>;
}

function byTable<T extends Named>(objects: readonly T[]): ReadonlyMap<string, readonly T[]> {
	let index = tableIndexes.get(objects);
	if (index === undefined) {
		const groups = new Map<string, Named[]>();
		for (const object of objects) {
			for (const owner of ownersOf(object)) {
				const group = groups.get(owner);
				if (group === undefined) groups.set(owner, [object]);
				else group.push(object);
			}
		}
		index = groups;
		tableIndexes.set(objects, index);
	}
	return index as ReadonlyMap<string, readonly T[]>;
}
