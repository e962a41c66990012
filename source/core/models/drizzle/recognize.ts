const entityKind = Symbol.for('drizzle:entityKind');

/**
 * True for any object created by drizzle-orm: a table, a view, relations, a database. This is cheap and does not load drizzle-orm, since its classes
 * have their kind under a registered symbol. `readDrizzleModule` skips objects that are neither a table nor a view.
 */
export function isDrizzleObject(value: unknown): boolean {
	return kindsOf(value).length > 0;
}

/**
 * Returns the kinds of a Drizzle object, its class first and then the parent classes: `SQLiteTable`, `Table`. Empty for everything else.
 * Names work with any copy of drizzle-orm, unlike `instanceof`.
 */
export function kindsOf(value: unknown): string[] {
	if (value === null || typeof value !== 'object') return [];
	const kinds: string[] = [];
	let current = classOf(value);
	while (typeof current === 'function') {
		if (Object.hasOwn(current, entityKind)) kinds.push(String((current as unknown as Readonly<Record<symbol, unknown>>)[entityKind]));
		current = Object.getPrototypeOf(current);
	}

	return kinds;
}

function classOf(value: object): unknown {
	try {
		return (Object.getPrototypeOf(value) as {readonly constructor?: unknown} | null)?.constructor;
	} catch {
		// A user's proxy, such as a client that is not connected yet, may throw when it is inspected.
		return undefined;
	}
}

export function isKind(value: unknown, kind: string): boolean {
	return kindsOf(value).includes(kind);
}
