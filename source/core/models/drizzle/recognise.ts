const entityKind = Symbol.for('drizzle:entityKind');

/**
 * True for any object made by drizzle-orm: a table, a view, relations, a database. Cheap, and needs no drizzle-orm: its classes carry their
 * kind under a registered symbol. An object that is no table and no view is nothing to `readDrizzleModule`, which skips it.
 */
export function isDrizzleObject(value: unknown): boolean {
	return kindsOf(value).length > 0;
}

/**
 * The kinds of a Drizzle object, its class first and then the classes above it: `SQLiteTable`, `Table`. Empty for everything else.
 * Names and not `instanceof`, so that it does not matter which copy of drizzle-orm made the object.
 */
export function kindsOf(value: unknown): string[] {
	if (value === null || typeof value !== 'object') return [];
	const kinds: string[] = [];
	let made = classOf(value);
	while (typeof made === 'function') {
		if (Object.hasOwn(made, entityKind)) kinds.push(String((made as unknown as Readonly<Record<symbol, unknown>>)[entityKind]));
		made = Object.getPrototypeOf(made);
	}

	return kinds;
}

function classOf(value: object): unknown {
	try {
		return (Object.getPrototypeOf(value) as {readonly constructor?: unknown} | null)?.constructor;
	} catch {
		// A proxy of the user's, such as a client that is not connected yet, may refuse to be asked.
		return undefined;
	}
}

export function isKind(value: unknown, kind: string): boolean {
	return kindsOf(value).includes(kind);
}
