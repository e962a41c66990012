import {isIgnored} from '../diff/ignore.ts';
import {orderByNames} from '../operations/order-by-names.ts';
import {nameKey, quoted, sameName} from '../schema/identifiers.ts';
import type {Schema, SchemaObject, Trigger, View} from '../schema/schema.ts';
import type {Database} from '../sqlite/database.ts';
import {missingExtension} from '../sqlite/missing-extension.ts';
import {openInMemory} from '../sqlite/open.ts';
import {clean} from '../text/clean.ts';
import type {Mistake} from './cross-check.ts';

/**
 * Lets SQLite check the models: creates the whole schema in an empty in-memory database, prepares every view, and prepares a statement that fires
 * each trigger. Nothing is run. Returns the first mistake in each object.
 *
 * Skips virtual tables whose module or tokenizer is missing in this SQLite, and the objects that read from them.
 */
export function buildCheck(schema: Schema, ignore: readonly string[]): readonly Mistake[] {
	const db = openInMemory();
	// If they were on, a statement that fires a trigger would also read parent and child tables, which may not exist here.
	db.exec('PRAGMA foreign_keys = OFF');
	try {
		return check(db, schema, ignore);
	} finally {
		db.close();
	}
}

/** SQLite reads its whole schema for each CREATE. Grouping makes the time grow linearly with the number of tables instead of quadratically. */
const groupSize = 10;

interface Check {
	readonly db: Database;
	readonly ignore: readonly string[];
	readonly mistakes: Mistake[];
	/** Names, in lower case, of objects that cannot be read here. Objects that read them cannot be checked. */
	readonly unknown: Set<string>;
}

function check(db: Database, schema: Schema, ignore: readonly string[]): readonly Mistake[] {
	const state: Check = {db, ignore, mistakes: [], unknown: new Set()};
	checkTables(state, schema);
	if (schema.views.length + schema.triggers.length + schema.virtualTables.length > 0) {
		const used = namesUsed(schema);
		for (const table of schema.tables) if (used.has(nameKey(table.name)) && !state.unknown.has(nameKey(table.name))) db.exec(table.sql);
		for (const table of schema.virtualTables) if (isFailing(state, table, table.sql)) state.unknown.add(nameKey(table.name));
		checkViews(state, schema.views);
		checkTriggers(state, schema);
	}
	return state.mistakes;
}

/** True if SQLite rejects the statement. Records the mistake. */
function isFailing({db, mistakes}: Check, object: SchemaObject, sql: string): boolean {
	try {
		db.exec(sql);
		return false;
	} catch (error) {
		const {message} = error as Error;
		const kind = object.kind === 'virtualTable' ? 'virtual table' : object.kind;
		if (!isMissingHere(message))
			mistakes.push({message: `${kind} ${object.name}: ${message}`, hint: hintFor(message), source: object.source, object});
		return true;
	}
}

function checkTables(state: Check, schema: Schema): void {
	const indexes = Map.groupBy(schema.indexes, ({table}) => nameKey(table));
	for (let from = 0; from < schema.tables.length; from += groupSize) {
		const group = schema.tables.slice(from, from + groupSize);
		const objects = group.flatMap((table) => [table, ...(indexes.get(nameKey(table.name)) ?? [])]);
		state.db.exec('BEGIN');
		if (!canCreate(state.db, objects)) {
			state.db.exec('ROLLBACK; BEGIN');
			for (const object of objects) {
				const isOrphan = object.kind === 'index' && state.unknown.has(nameKey(object.table));
				if (!isOrphan && isFailing(state, object, object.sql) && object.kind === 'table') state.unknown.add(nameKey(object.name));
			}
		}
		state.db.exec('ROLLBACK');
	}
}

/** True if all objects can be created together, which is the usual case. If not, the caller finds out which object fails and why. */
function canCreate(db: Database, objects: readonly SchemaObject[]): boolean {
	try {
		db.exec(objects.map(({sql}) => `${sql}\n;`).join('\n'));
		return true;
	} catch {
		return false;
	}
}

/** Returns the names of tables that views and triggers read or write. */
function namesUsed(schema: Schema): ReadonlySet<string> {
	return new Set([
		...schema.views.flatMap(({mentions}) => mentions),
		...schema.triggers.flatMap(({table, mentions}) => [nameKey(table), ...mentions]),
	]);
}

function checkViews(state: Check, views: readonly View[]): void {
	const broken = views.filter((view) => isFailing(state, view, view.sql));
	for (const view of orderByNames(views, ({mentions}) => mentions)) {
		if (broken.includes(view) || !isReadable(state, view) || isFailing(state, view, `EXPLAIN SELECT * FROM ${quoted(view.name)}`)) {
			state.unknown.add(nameKey(view.name));
		}
	}
}

function checkTriggers(state: Check, schema: Schema): void {
	for (const trigger of schema.triggers) {
		if (state.unknown.has(nameKey(trigger.table)) || isIgnored(trigger.table, state.ignore)) continue;
		if (isFailing(state, trigger, trigger.sql)) continue;
		if (!isReadable(state, trigger) || isFailing(state, trigger, `EXPLAIN ${firing(state.db, trigger)}`)) {
			// The next statement that fires it would also fail, and a different trigger would be blamed.
			state.db.exec(`DROP TRIGGER ${quoted(trigger.name)}`);
		}
	}
}

function isReadable({unknown, ignore}: Check, object: View | Trigger): boolean {
	return !object.mentions.some((name) => unknown.has(name) || isIgnored(name, ignore));
}

/** Returns what to change for a trigger that inserts a row without column names into a table whose columns have changed. */
function hintFor(message: string): string | undefined {
	const table = /^table (.+) has \d+ columns but \d+ values were supplied$/s.exec(message)?.[1];
	return table === undefined
		? undefined
		: `name the columns in its INSERT INTO ${clean(table)} (…), so it does not depend on how many columns the table has`;
}

/** True if something is missing that only the application provides, such as an extension. */
function isMissingHere(message: string): boolean {
	return missingExtension(message) !== undefined || message.startsWith('no such table column function');
}

/** Returns a statement that would fire the trigger, so that SQLite checks the trigger's body when it prepares the statement. */
function firing(db: Database, {table, event, updateOf}: Trigger): string {
	const target = quoted(table);
	if (event === 'DELETE') return `DELETE FROM ${target}`;
	if (event === 'INSERT') return `INSERT INTO ${target} DEFAULT VALUES`;
	// https://www.sqlite.org/pragma.html#pragma_table_xinfo: 0 is a writable column. A trigger on generated columns has none.
	const columns = db.tuples('SELECT name, hidden FROM pragma_table_xinfo(?)', table).map(([name, hidden]) => ({name: String(name), hidden}));
	const isOneOf = (all: typeof columns) => (name: string) => all.some((column) => sameName(column.name, name));
	const written = columns.filter(({hidden}) => hidden === 0);
	const unknown = updateOf.find((name) => !isOneOf(columns)(name));
	const column = unknown ?? updateOf.find(isOneOf(written)) ?? written[0]?.name ?? '';
	return `UPDATE ${target} SET ${quoted(column)} = NULL`;
}
