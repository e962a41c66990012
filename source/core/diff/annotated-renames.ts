import {MigrError} from '../errors.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import type {Source} from '../schema/schema.ts';

/** A table or column of the models, with its old name if the model states one. */
interface Annotated {
	readonly name: string;
	readonly renamedFrom?: string | undefined;
	/** Set for a generated column, which stores no values. */
	readonly generated?: unknown;
	readonly source?: Source | undefined;
}

export interface AnnotatedRequest<T extends Annotated> {
	/** Objects of the database that no decision pairs, by name in lower case. */
	readonly before: ReadonlyMap<string, T>;
	/** Objects of the models that no decision pairs. */
	readonly after: readonly T[];
	/** True if a decision drops the object with this name in the database. */
	readonly isDropped: (name: string) => boolean;
	/** Returns the name for messages: `user.mail`. */
	readonly path: (name: string) => string;
	/** Returns the flag that states a rename. */
	readonly flag: (from: string, to: string) => string;
}

/**
 * Returns the pairs stated by annotations (`@renamed from=…`). An annotation stays in a model after its migration, so it only counts while it can still
 * be applied: its old name is in the database, and its new name is not, or becomes free through another rename or a drop. So swaps (a ↔ b) and chains
 * (a → b → c) are read as intended, and annotations that were already applied are skipped. The names alone do not show whether a swap was applied:
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
			`remove the annotation or ${path(other.name)}; if ${path(other.name)} is new and reuses the old name, run with ${flag(other.name, item.name)}`,
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
	return new MigrError('model', message, {hint, location: item?.source});
}
