import {readableSchema as withReadableStrings} from '../migrations/files/readable-schema.ts';
import type {Schema, Trigger, View} from '../schema/schema.ts';

export interface Readable {
	/** The schema in a form that SQLite can create. */
	readonly schema: Schema;
	/** How the schema differs from the stored schema, one difference per line. */
	readonly rewrittenStrings: readonly string[];
}

/**
 * Converts a stored schema to one that models can describe: with strings in single quotes, and without views and triggers that cannot be read, such as
 * those of a missing table.
 */
export function readableSchema(stored: Schema): Readable {
	const {schema, rewritten, unreadable} = withReadableStrings(stored);
	const omitted = new Set<View | Trigger>(unreadable.map(({object}) => object));
	return {
		schema: {
			...schema,
			views: schema.views.filter((view) => !omitted.has(view)),
			triggers: schema.triggers.filter((trigger) => !omitted.has(trigger)),
		},
		rewrittenStrings: [
			...rewritten.map((object) => `${kindAndName(object)}: strings in double quotes are rewritten in single quotes`),
			...unreadable.map(({object, message}) => `${kindAndName(object)} is omitted: SQLite cannot read it (${message})`),
		],
	};
}

function kindAndName({kind, name}: View | Trigger): string {
	return `${kind} ${name}`;
}
