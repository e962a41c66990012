import type {StatementFacts} from '../../../../ddl/statements/statement-facts.ts';
import {nameKey} from '../../../../schema/identifiers.ts';
import type {Database} from '../../../../sqlite/database.ts';
import type {ExplainedTables} from '../../../../sqlite/write-set.ts';

/**
 * Follows the tables that a migration creates and fills from constants and from each other. Their rows are the same in every database, so code that
 * reads them behaves the same in every database.
 */
export interface OwnTables {
	/** Returns those of these tables that are not followed, in lower case. */
	notAmong(tables: Iterable<string>): readonly string[];
	/** Must be called after each statement that is not a query. */
	follow(sql: string, facts: StatementFacts, tables: ExplainedTables): void;
	/** Must be called after a rollback, which may restore tables of the same names. */
	forget(): void;
}

export function ownTables(db: Database): OwnTables {
	const own = new Set<string>();
	let known = tablesIn(db);
	const notAmong = (tables: Iterable<string>) => [...new Set([...tables].map(nameKey))].filter((name) => !own.has(name));
	return {
		notAmong,
		follow(sql, {verb, kind}, {reads, writes}) {
			if (kind === 'data') {
				// The new rows may come from rows that differ between databases, for example through a trigger.
				if (notAmong([...reads, ...writes]).length > 0) for (const table of writes) own.delete(nameKey(table));
				return;
			}
			const now = tablesIn(db);
			const [added] = [...now].filter((name) => !known.has(name));
			const [removed] = [...known].filter((name) => !now.has(name));
			if (verb === 'CREATE' && added !== undefined && notAmong(reads).length === 0 && !/^CREATE\s+VIRTUAL\b/i.test(sql)) own.add(added);
			if (verb === 'ALTER' && added !== undefined && removed !== undefined && own.has(removed)) own.add(added);
			if (removed !== undefined) own.delete(removed);
			known = now;
		},
		forget() {
			own.clear();
			known = tablesIn(db);
		},
	};
}

function tablesIn(db: Database): ReadonlySet<string> {
	return new Set(db.tuples("SELECT name FROM main.sqlite_schema WHERE type = 'table'").map(([name]) => nameKey(String(name))));
}
