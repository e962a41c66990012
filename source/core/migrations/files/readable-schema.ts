import {fixString} from '../../ddl/quoted-strings.ts';
import {readTrigger, readView} from '../../ddl/read.ts';
import {buildCheck} from '../../models/build-check.ts';
import type {Schema, Trigger, View} from '../../schema/schema.ts';
import {fixedStrings} from './fix-quoted-strings.ts';

export interface ReadableSchema {
	/** The schema in a form that SQLite can create. Objects that cannot be read are unchanged. */
	readonly schema: Schema;
	/** The views and triggers whose strings were rewritten, as they are stored. */
	readonly rewritten: readonly (View | Trigger)[];
	/** The views and triggers that cannot be read for another reason, such as a missing table. */
	readonly unreadable: readonly {readonly object: View | Trigger; readonly message: string}[];
}

/**
 * Rewrites strings in double quotes, which SQLite reads in an old file, but no longer creates (https://www.sqlite.org/quirks.html#dblquote). In tables
 * and indexes they are found by their columns. In views and triggers, SQLite names each such string when it prepares the statement.
 */
export function readableSchema(stored: Schema): ReadableSchema {
	const fixed = fixedStrings(stored);
	const now = new Map<View | Trigger, View | Trigger>([...fixed.views, ...fixed.triggers].map((object) => [object, object]));
	const unreadable: {readonly object: View | Trigger; readonly message: string}[] = [];
	for (;;) {
		const isReadable = (object: View | Trigger) => !unreadable.some((each) => each.object === object);
		const schema = {
			...fixed,
			views: fixed.views.filter(isReadable).map((view) => now.get(view) as View),
			triggers: fixed.triggers.filter(isReadable).map((trigger) => now.get(trigger) as Trigger),
		};
		const stores = new Map([...now].map(([object, current]) => [current, object]));
		const failing = buildCheck(schema, []).flatMap(({object, message}) => {
			const stored = object?.kind === 'view' || object?.kind === 'trigger' ? stores.get(object) : undefined;
			return stored === undefined ? [] : [{object: stored, message: message.slice(message.indexOf(': ') + 2)}];
		});
		if (failing.length === 0) break;
		for (const {object, message} of failing) {
			const next = withStringFixed(now.get(object) ?? object, message);
			if (next === undefined) unreadable.push({object, message});
			else now.set(object, next);
		}
	}
	const current = <T extends View | Trigger>(object: T): T => (unreadable.some((each) => each.object === object) ? object : (now.get(object) as T));
	return {
		schema: {...fixed, views: fixed.views.map(current), triggers: fixed.triggers.map(current)},
		rewritten: [...fixed.views, ...fixed.triggers].filter((object) => current(object) !== object),
		unreadable,
	};
}

/**
 * Returns the same schema with all strings in single quotes, for comparing it and for writing it as a migration. Uses SQLite only for schemas whose
 * views or triggers have double quotes.
 */
export function withSingleQuotes(stored: Schema): Schema {
	return [...stored.views, ...stored.triggers].some(({sql}) => sql.includes('"')) ? readableSchema(stored).schema : fixedStrings(stored);
}

/** Fixes `no such column: "x" - should this be a string literal in single-quotes?`. Returns undefined if that changes nothing. */
function withStringFixed(object: View | Trigger, message: string): View | Trigger | undefined {
	const text = /^no such column: "(.*)" - should this be a string literal/s.exec(message)?.[1];
	const sql = text === undefined ? object.sql : fixString(object.sql, text);
	if (sql === object.sql) return undefined;
	return object.kind === 'view' ? readView(sql) : readTrigger(sql);
}
