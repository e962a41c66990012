import {MigrError} from '../errors.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import type {Source} from '../schema/schema.ts';

/** A table or column of the models, with the name that the model says it had before. */
interface Annotated {
	readonly name: string;
	readonly renamedFrom?: string;
	/** Of a column that is computed, so that it has no values of its own. */
	readonly generated?: unknown;
	readonly source?: Source;
}

export interface AnnotatedRequest<T extends Annotated> {
	/** What is in the database and not paired by a decision, by its name in lower case. */
	readonly before: ReadonlyMap<string, T>;
	/** What is in the models and not paired by a decision. */
	readonly after: readonly T[];
	/** True if a decision drops what has this name in the database. */
	readonly isDropped: (name: string) => boolean;
	/** The name for messages: `user.mail`. */
	readonly path: (name: string) => string;
	/** The flag that states a rename. */
	readonly flag: (from: string, to: string) => string;
}

/**
 * The pairs that annotations (`@renamed from=…`) state. An annotation stays in a model after its migration, so it counts only while it can still be
 * carried out: its old name is in the database, and its new name is not, or is given up by another rename or a drop. So swaps (a ↔ b) and chains
 * (a → b → c) are read as they are meant, and one that was carried out is passed over. Whether a swap was carried out cannot be seen from the names:
 * `settled-renames.ts` looks it up.
 *
 * @throws MigrError `model` if annotations contradict each other or the rest of the model
 */
export function annotatedPairs<T extends Annotated>({before, after, isDropped, path, flag}: AnnotatedRequest<T>): ReadonlyMap<T, T> {
	const oldOf = (item: T) => (item.renamedFrom === undefined ? undefined : before.get(nameKey(item.renamedFrom)));
	let active = after.filter((item) => oldOf(item) !== undefined && !sameName(item.name, item.renamedFrom ?? ''));
	for (let count = -1; count !== active.length; ) {
		count = active.length;
		const given = new Set(active.map(({renamedFrom}) => nameKey(renamedFrom ?? '')));
		active = active.filter(({name}) => !before.has(nameKey(name)) || given.has(nameKey(name)) || isDropped(name));
	}
	requireOneEach(active, path);
	const renamed = new Set(active);
	for (const item of active) {
		const other = after.find(({name}) => sameName(name, item.renamedFrom ?? ''));
		if (other === undefined || renamed.has(other) || other.generated !== undefined) continue;
		throw contradiction(
			item,
			`${path(item.name)} is marked as renamed from ${other.name}, but the models still have ${path(other.name)}`,
			`remove the annotation or ${path(other.name)}; if it is new and takes over the old name, run with ${flag(other.name, item.name)}`,
		);
	}
	return new Map(active.map((item) => [item, oldOf(item) as T]));
}

function requireOneEach(active: readonly Annotated[], path: (name: string) => string): void {
	for (const [from, claims] of Map.groupBy(active, ({renamedFrom}) => nameKey(renamedFrom ?? ''))) {
		if (claims.length < 2) continue;
		const names = claims.map(({name}) => path(name)).join(' and ');
		throw contradiction(
			claims.at(-1),
			`${names} are ${claims.length === 2 ? 'both' : 'all'} marked as renamed from ${claims[0]?.renamedFrom ?? from}`,
			'keep the annotation of one of them',
		);
	}
}

function contradiction(item: Annotated | undefined, message: string, hint: string): MigrError {
	return new MigrError('model', message, {hint, ...(item?.source === undefined ? {} : {location: item.source})});
}
