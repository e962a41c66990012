import {nameKey, sameName} from '../schema/identifiers.ts';
import type {Schema} from '../schema/schema.ts';

/** True where a name matches one of the patterns; `*` stands for any characters, case does not matter. */
export function isIgnored(name: string, patterns: readonly string[]): boolean {
	const key = nameKey(name);
	return patterns.some((pattern) => expressionFor(pattern).test(key));
}

/** Few patterns meet thousands of names. */
const expressions = new Map<string, RegExp>();

function expressionFor(pattern: string): RegExp {
	let expression = expressions.get(pattern);
	if (expression === undefined) {
		const source = nameKey(pattern)
			.split('*')
			.map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
			.join('.*');
		expression = new RegExp(`^${source}$`, 's');
		expressions.set(pattern, expression);
	}
	return expression;
}

/** The schema without what is ignored: objects by name, and with a table or view also its indexes and triggers. What the models name stays. */
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
	// The same schema where nothing was left out: what is known of it stays known.
	return lists.every((list) => ours[list].length === schema[list].length) ? schema : ours;
}
