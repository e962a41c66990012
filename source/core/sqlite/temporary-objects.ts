import {quoted} from '../schema/identifiers.ts';
import type {Database} from './database.ts';

/**
 * Drops every temporary table, view and trigger of the connection (https://www.sqlite.org/lang_createtable.html). Objects left by one migration would
 * hide a table of the same name from the next one, or fire on its statements. Indexes are dropped with their tables.
 */
export function dropTemporaryObjects(db: Database): void {
	const objects = db.tuples(
		`SELECT type, name FROM temp.sqlite_schema WHERE type <> 'index' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
		ORDER BY type = 'table', sql LIKE 'CREATE VIRTUAL%' DESC`,
	);
	for (const [type, name] of objects) db.exec(`DROP ${String(type).toUpperCase()} IF EXISTS temp.${quoted(String(name))}`);
}
