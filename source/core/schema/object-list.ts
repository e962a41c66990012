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
	/** Its number. A list has the changes before its own number. */
	readonly at: number;
	readonly old: T | undefined;
	readonly now: T | undefined;
	readonly oldOwners: readonly string[];
	readonly nowOwners: readonly string[];
}

/** With more changes than this, a new list is cheaper than keeping the changes. */
function maxChanges(length: number): number {
	return Math.max(64, 16 * Math.sqrt(length));
}

/** Changes of the same list, one after the other. Lists share them: each has those up to its own number. */
class Changes<T extends Named> {
	/** The changes before these ones, if another list has other changes after them. */
	readonly #before: {readonly changes: Changes<T>; readonly count: number} | undefined;
	readonly #depth: number;
	readonly #all: Change<T>[] = [];
	/** By name: the object since a change, or undefined since it no longer exists. */
	readonly #byName = new Map<string, {readonly at: number; readonly object: T | undefined}[]>();
	readonly #byOwner = new Map<string, Change<T>[]>();

	constructor(before?: {readonly changes: Changes<T>; readonly count: number}) {
		this.#before = before;
		this.#depth = before === undefined ? 0 : before.changes.#depth + 1;
	}

	get count(): number {
		return (this.#before?.count ?? 0) + this.#all.length;
	}

	/** Returns the first changes, to which other ones can be added. */
	upTo(count: number): Changes<T> {
		if (count === this.count) return this;
		if (this.#depth < maxDepth) return new Changes({changes: this, count});
		const copy = new Changes<T>();
		for (const {old, now} of this.first(count)) copy.add(old, now);
		return copy;
	}

	/** Returns the first changes, in order. */
	first(count: number): readonly Change<T>[] {
		const before = this.#before;
		if (before === undefined) return this.#all.slice(0, count);
		return [...before.changes.first(Math.min(count, before.count)), ...this.#all.slice(0, Math.max(0, count - before.count))];
	}

	add(old: T | undefined, now: T | undefined): void {
		const at = this.count;
		const oldOwners = old === undefined ? nothing : ownersOf(old);
		const nowOwners = now === undefined ? nothing : ownersOf(now);
		const change = {at, old, now, oldOwners, nowOwners};
		this.#all.push(change);
		const oldKey = old && nameKey(old.name);
		const nowKey = now && nameKey(now.name);
		if (oldKey !== undefined && oldKey !== nowKey) addTo(this.#byName, oldKey, {at, object: undefined});
		if (nowKey !== undefined) addTo(this.#byName, nowKey, {at, object: now});
		for (const owner of oldOwners) addTo(this.#byOwner, owner, change);
		for (const owner of nowOwners) if (!oldOwners.includes(owner)) addTo(this.#byOwner, owner, change);
	}

	/** Returns the last of the first changes that is about a name. */
	lastOf(key: string, count: number): {readonly object: T | undefined} | undefined {
		const own = this.#byName.get(key)?.findLast(({at}) => at < count);
		return own ?? this.#before?.changes.lastOf(key, Math.min(count, this.#before.count));
	}

	/** Returns those of the first changes that are about objects of an owner. */
	of(owner: string, count: number): readonly Change<T>[] {
		const own = this.#byOwner.get(owner)?.filter(({at}) => at < count) ?? nothing;
		const before = this.#before;
		return before === undefined ? own : [...before.changes.of(owner, Math.min(count, before.count)), ...own];
	}
}

const maxDepth = 4;

function addTo<V>(map: Map<string, V[]>, key: string, value: V): void {
	const list = map.get(key);
	if (list === undefined) map.set(key, [value]);
	else list.push(value);
}

/**
 * The objects of one kind in a schema, found by name and by table. A list that differs from another by one object shares everything with it, and its
 * array is only created if it is read. So ten thousand operations on a schema with thousands of tables need little more memory than the schema.
 */
export class ObjectList<T extends Named> {
	readonly #base: readonly T[];
	readonly #changes: Changes<T> | undefined;
	/** The number of changes that this list has. */
	readonly #count: number;
	#array: readonly T[] | undefined;

	constructor(base: readonly T[], changes?: Changes<T>) {
		this.#base = base;
		this.#changes = changes;
		this.#count = changes?.count ?? 0;
	}

	/** The objects in order. */
	get array(): readonly T[] {
		this.#array ??= this.#changes === undefined ? this.#base : arrayAfter(this.#base, this.#changes.first(this.#count));
		return this.#array;
	}

	find(name: string): T | undefined {
		if (this.#base.length === 0 && this.#count === 0) return undefined;
		const key = nameKey(name);
		const last = this.#changes?.lastOf(key, this.#count);
		return last === undefined ? byName(this.#base).get(key) : last.object;
	}

	/** Returns the indexes or triggers of a table, or the tables that refer to it, in order. */
	on(table: string): readonly T[] {
		if (this.#base.length === 0 && this.#count === 0) return nothing;
		const key = nameKey(table);
		const changes = this.#changes?.of(key, this.#count) ?? nothing;
		const group = byTable(this.#base).get(key) ?? nothing;
		if (changes.length === 0) return group;
		// An object from another table may come before objects of this one.
		const isMoved = ({old, oldOwners, nowOwners}: Change<T>) => old !== undefined && nowOwners.includes(key) && !oldOwners.includes(key);
		if (changes.some(isMoved)) return this.array.filter((object) => ownersOf(object).includes(key));
		const objects = [...group];
		for (const {old, now, nowOwners} of changes) replaceIn(objects, old, nowOwners.includes(key) ? now : undefined);
		return objects;
	}

	/** Returns the list with one object replaced. Adds `now` at the end if `old` is undefined, and removes `old` if `now` is undefined. */
	replaced(old: T | undefined, now: T | undefined): ObjectList<T> {
		const isFull = this.#count >= maxChanges(this.#base.length);
		const changes = isFull ? new Changes<T>() : (this.#changes?.upTo(this.#count) ?? new Changes<T>());
		changes.add(old, now);
		return new ObjectList(isFull ? this.array : this.#base, changes);
	}
}

function arrayAfter<T>(base: readonly T[], changes: readonly Change<T>[]): readonly T[] {
	const objects = [...base];
	for (const {old, now} of changes) replaceIn(objects, old, now);
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
