import {nameKey} from '../schema/identifiers.ts';
import type {Schema} from '../schema/schema.ts';

/** The prefix of every object that a script creates for its own use. */
export const scriptPrefix = '_lite_migr_';

/** Chooses names that no object of the given schemas has, and never the same one twice. */
export class ScriptNames {
	readonly #taken: Set<string>;

	constructor(schemas: readonly Schema[]) {
		this.#taken = new Set(schemas.flatMap(namesIn));
	}

	/** Returns `_lite_migr_<purpose>`, with a number if that name is taken. */
	next(purpose: string): string {
		for (let number = 1; ; number++) {
			const name = `${scriptPrefix}${purpose}${number === 1 ? '' : `_${number}`}`;
			if (this.#taken.has(nameKey(name))) continue;
			this.#taken.add(nameKey(name));
			return name;
		}
	}
}

function namesIn({tables, virtualTables, indexes, views, triggers}: Schema): readonly string[] {
	return [...tables, ...virtualTables, ...indexes, ...views, ...triggers].map(({name}) => nameKey(name));
}
