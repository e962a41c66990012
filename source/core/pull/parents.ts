import {isIgnored} from '../diff/ignore.ts';
import {MigrError} from '../errors.ts';
import {nameKey} from '../schema/identifiers.ts';
import type {Schema} from '../schema/schema.ts';
import {clean} from '../text/clean.ts';

/**
 * Checks that the parent table of every foreign key exists or is ignored. SQLite allows a missing parent table, but models do not.
 *
 * @throws MigrError `model` with all missing parent tables, and the line for migrate.toml that ignores them
 */
export function requireParents({tables, views, virtualTables}: Schema, ignore: readonly string[]): void {
	const existing = new Set([...tables, ...views, ...virtualTables].map(({name}) => nameKey(name)));
	const dangling = tables.flatMap(({name, foreignKeys}) =>
		foreignKeys
			.filter(({parent}) => !existing.has(nameKey(parent)) && !isIgnored(parent, ignore))
			.map(({columns, parent}) => ({key: clean(`${name} (${columns.join(', ')})`), parent})),
	);
	const [first, ...others] = dangling;
	if (first === undefined) return;
	const missing = Map.groupBy(dangling, ({parent}) => nameKey(parent))
		.values()
		.map(([one]) => one?.parent ?? '');
	throw new MigrError('model', `${first.key} refers to table ${clean(first.parent)}, which the database does not have`, {
		details: others.map(({key, parent}) => `${key} refers to table ${clean(parent)}`),
		hint: `exclude the missing tables in migrate.toml, then pull again:  ignore = ${clean(JSON.stringify([...ignore, ...missing]))}`,
	});
}
