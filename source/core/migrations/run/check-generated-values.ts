import {MigrError} from '../../errors.ts';
import {nameKey} from '../../schema/identifiers.ts';
import type {Schema} from '../../schema/schema.ts';
import {uncheckedColumns} from '../../script/generated-values.ts';
import type {Database} from '../../sqlite/database.ts';
import {isBusy, sqliteCode} from '../../sqlite/failure.ts';
import {openInMemory} from '../../sqlite/open.ts';
import {plural} from '../../text/numbers.ts';
import type {StatementWatch} from '../effects/statement-watch.ts';

/**
 * Checks the generated columns of all STRICT tables whose rows statements may have changed, if SQLite has not done it: versions before 3.50 accept values
 * that do not fit.
 *
 * @param schema the schema after the statements
 * @throws MigrError `guard` if a value does not fit
 */
export function checkGeneratedValues(db: Database, schema: Schema, watch: StatementWatch): void {
	const touched = new Set([...watch.record.touched].map(({now}) => nameKey(now)));
	const tables = schema.tables.filter(({name}) => touched.has(nameKey(name)));
	const columns = tables.flatMap((table) => uncheckedColumns(table, table.name).map((column) => ({...column, table: table.name})));
	if (columns.length === 0 || checksByItself()) return;
	for (const {message, rows, table} of columns) {
		const count = Number(db.value(`SELECT count(*) FROM ${rows}`));
		if (count === 0) continue;
		throw new MigrError('guard', `${message} (${plural(count, 'row')})`, {
			location: {table},
			details: [`find all, once it has run:  SELECT * FROM ${rows}`],
			hint: 'newer versions of SQLite refuse such rows: change the statements of the migration, or the expression of the column',
		});
	}
}

/** True if this SQLite refuses the rows when they are inserted. */
function checksByItself(): boolean {
	const db = openInMemory();
	try {
		db.exec("CREATE TABLE t (a TEXT, b INT AS (a)) STRICT; INSERT INTO t (a) VALUES ('x')");
		return false;
	} catch (error) {
		if (sqliteCode(error) === undefined || isBusy(error)) throw error;
		return true;
	} finally {
		db.close();
	}
}
