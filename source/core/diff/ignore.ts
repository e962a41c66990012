import {nameKey, sameName} from '../schema/identifiers.ts';
import type {Schema} from '../schema/schema.ts';

/** True if a name matches one of the patterns. `*` matches any characters, and case does not matter. */
export function isIgnored(name: string, patterns: readonly string[]): boolean {
	if (patterns.length === 0) return false;
	const key = nameKey(name);
	const {names, expression} = matcherOf(patterns);
	return names.has(key) || (expression?.test(key) ?? false);
}

interface Matcher {
	/** Patterns that are names, in lower case. */
	readonly names: ReadonlySet<string>;
	/** Matches the other patterns. */
	readonly expression: RegExp | undefined;
}

/** By list of patterns, because a few patterns are compared with thousands of names. */
const matchers = new WeakMap<readonly string[], Matcher>();

function matcherOf(patterns: readonly string[]): Matcher {
	let matcher = matchers.get(patterns);
	if (matcher === undefined) {
		const keys = patterns.map(nameKey);
		const sources = keys.filter((key) => key.includes('*')).map(sourceOf);
		matcher = {
			names: new Set(keys.filter((key) => !key.includes('*'))),
			expression: sources.length === 0 ? undefined : new RegExp(`^(?:${sources.join('|')})$`, 's'),
		};
		matchers.set(patterns, matcher);
	}
	return matcher;
}

function sourceOf(pattern: string): string {
	return pattern
		.split('*')
		.map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
		.join('.*');
}

/** Returns the schema without ignored objects. Ignoring a table or view also ignores its indexes and triggers. Objects in the models are kept. */
export function withoutIgnored(schema: Schema, patterns: readonly string[], models: Schema): Schema {
	if (patterns.length === 0) return schema;
	const named = [...models.tables, ...models.virtualTables, ...models.indexes, ...models.views, ...models.triggers];
	const isLeft = (name: string) => isIgnored(name, patterns) && !named.some((object) => sameName(object.name, name));
	const ours: Schema = {
		tables: schema.tables.filter(({name}) => !isLeft(name)),
		virtualTables: schema.virtualTables.filter(({name}) => !isLeft(name)),
		indexes: schema.indexes.filter(({name, table}) => !isLeft(name) && !isLeft(table)),
		views: schema.views.filter(({name}) => !isLeft(name)),
		triggers: schema.triggers.filter(({name, table}) => !isLeft(name) && !isLeft(table)),
	};
	const lists = ['tables', 'virtualTables', 'indexes', 'views', 'triggers'] as const;
	// If nothing is ignored, the same object is returned, so cached facts about it stay valid.
	return lists.every((list) => ours[list].length === schema[list].length) ? schema : ours;
}
