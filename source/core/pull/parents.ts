import {isIgnored} from '../diff/ignore.ts';
import {MigrError} from '../errors.ts';
import {nameKey} from '../schema/identifiers.ts';
import type {Schema} from '../schema/schema.ts';
import {clean} from '../text/clean.ts';

/**
 * SQLite lets a foreign key refer to a table that is not there; models may not, where that table is ours.
 *
 * @throws MigrError `model` with all such tables, and the line of migrate.toml that says they are not
 */
export function requireParents({tables, views, virtualTables}: Schema, ignore: readonly string[]): void {
	const known = new Set([...tables, ...views, ...virtualTables].map(({name}) => nameKey(name)));
	const dangling = tables.flatMap(({name, foreignKeys}) =>
		foreignKeys
			.filter(({parent}) => !known.has(nameKey(parent)) && !isIgnored(parent, ignore))
			.map(({columns, parent}) => ({key: clean(`${name} (${columns.join(', ')})`), parent})),
	);
	const [first, ...others] = dangling;
	if (first === undefined) return;
	const missing = Map.groupBy(dangling, ({parent}) => nameKey(parent))
		.values()
		.map(([one]) => one?.parent ?? '');
	throw new MigrError('model', `${first.key} refers to table ${clean(first.parent)}, which the database does not have`, {
		details: others.map(({key, parent}) => `${key} refers to table ${clean(parent)}`),
		hint: `say that it is not yours, then pull again; in migrate.toml:  ignore = ${clean(JSON.stringify([...ignore, ...missing]))}`,
	});
}
