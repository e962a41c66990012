import {fixString} from '../ddl/quoted-strings.ts';
import {readTrigger, readView} from '../ddl/read.ts';
import {fixedStrings} from '../migrations/files/fix-quoted-strings.ts';
import {buildCheck} from '../models/build-check.ts';
import type {Schema, Trigger, View} from '../schema/schema.ts';

export interface Readable {
	/** The schema in a form that SQLite can create. */
	readonly schema: Schema;
	/** How the schema differs from the stored schema, one difference per line. */
	readonly rewrittenStrings: readonly string[];
}

/**
 * Converts a stored schema to one that models can describe. Views and triggers in an old file may have strings in double quotes, which SQLite no
 * longer creates (https://www.sqlite.org/quirks.html#dblquote). SQLite names each such string when it prepares the statement, and it is rewritten in
 * single quotes. Objects that cannot be read for another reason, such as a missing table, are omitted.
 */
export function readableSchema(stored: Schema): Readable {
	let schema = fixedStrings(stored);
	const named = new Set<string>();
	const left: string[] = [];
	for (;;) {
		const failing = buildCheck(schema, []).flatMap(({object, message}) =>
			object?.kind === 'view' || object?.kind === 'trigger' ? [{object, message: message.slice(message.indexOf(': ') + 2)}] : [],
		);
		if (failing.length === 0) break;
		for (const {object, message} of failing) {
			const now = withStringFixed(object, message);
			if (now === undefined) left.push(`${kindAndName(object)} is omitted: SQLite cannot read it (${message})`);
			else named.add(kindAndName(object));
			schema = withReplaced(schema, object, now);
		}
	}
	return {
		schema,
		rewrittenStrings: [...[...named].map((name) => `${name}: strings in double quotes are rewritten in single quotes`), ...left],
	};
}

function kindAndName({kind, name}: View | Trigger): string {
	return `${kind} ${name}`;
}

/** Fixes `no such column: "x" - should this be a string literal in single-quotes?`. Returns undefined if that changes nothing. */
function withStringFixed(object: View | Trigger, message: string): View | Trigger | undefined {
	const text = /^no such column: "(.*)" - should this be a string literal/s.exec(message)?.[1];
	const sql = text === undefined ? object.sql : fixString(object.sql, text);
	if (sql === object.sql) return undefined;
	return object.kind === 'view' ? readView(sql) : readTrigger(sql);
}

function withReplaced(schema: Schema, object: View | Trigger, now: View | Trigger | undefined): Schema {
	const views = schema.views.flatMap((view) => (view !== object ? [view] : now?.kind === 'view' ? [now] : []));
	const triggers = schema.triggers.flatMap((trigger) => (trigger !== object ? [trigger] : now?.kind === 'trigger' ? [now] : []));
	return {...schema, views, triggers};
}
