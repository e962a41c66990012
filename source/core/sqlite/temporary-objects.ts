import {namesIn} from '../ddl/expression.ts';
import {statementsOf} from '../plan/statements.ts';
import type {Step} from '../plan/step.ts';
import {identifier, nameKey, quoted} from '../schema/identifiers.ts';
import {clean} from '../text/clean.ts';
import type {Database} from './database.ts';
import type {ParkedSchema} from './parked-schema.ts';
import {StepError} from './step-error.ts';

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

/**
 * Requires that the names in a planned step mean objects of the database. A temporary object of an earlier statement hides a table or view of the same
 * name (https://www.sqlite.org/lang_naming.html), so the step would change or read the temporary one.
 *
 * @throws StepError `migration` if a name is hidden
 */
export function requireVisible(db: Database, step: Step, parked?: ParkedSchema): void {
	if (db.value(`SELECT EXISTS (SELECT 1 FROM temp.sqlite_schema WHERE type IN ('table', 'view'))`) === 0) return;
	parked?.restore();
	const hidden = db.tuples(
		`SELECT hiding.type, hiding.name, own.type, own.name FROM temp.sqlite_schema AS hiding JOIN main.sqlite_schema AS own ON own.name = hiding.name COLLATE NOCASE
		WHERE hiding.type IN ('table', 'view') AND own.type IN ('table', 'view')`,
	);
	if (hidden.length === 0) return;
	const named = new Set(statementsOf(step).flatMap((sql) => namesIn(sql)));
	for (const [type, name, ownType, own] of hidden.map((row) => row.map(String) as [string, string, string, string])) {
		if (!named.has(nameKey(own))) continue;
		throw new StepError('migration', `the temporary ${type} ${clean(name)} hides the ${ownType} ${clean(own)} of the database`, step.summary, {
			hint: `use another name for the temporary ${type}, or drop it before this operation: op.execute('DROP ${type.toUpperCase()} temp.${clean(identifier(name))}')`,
		});
	}
}
