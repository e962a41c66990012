import {readStatement, schemaOf} from '../../source/core/ddl/read.ts';
import {splitStatements} from '../../source/core/ddl/split.ts';
import type {Step} from '../../source/core/plan/step.ts';
import type {Schema, SchemaObject} from '../../source/core/schema/schema.ts';
import {nativeOf} from '../../source/core/sqlite/connection.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {executeStep} from '../../source/core/sqlite/execute-step.ts';
import {openInMemory} from '../../source/core/sqlite/open.ts';
import {beginGuarded} from '../../source/core/sqlite/transaction.ts';
import {bytesOf, openBytes} from './bytes.ts';
import type {Case} from './generate/case.ts';
import type {Model} from './generate/model.ts';
import {allStatements, statementsOfModel} from './generate/render.ts';
import {fillTables, rebuildContents} from './generate/rows.ts';

/** Creates a database with the first schema of a case and its rows. The statements in `fixes` change rows before any trigger exists. */
export function buildDatabase({from, rows}: Pick<Case, 'from' | 'rows'>, fixes: readonly string[] = []): Database {
	const db = openInMemory();
	const statements = statementsOfModel(from);
	db.exec('PRAGMA foreign_keys = ON');
	for (const sql of [...statements.tables, ...statements.indexes, ...statements.virtuals]) db.exec(sql);
	fillTables(db, from, rows);
	db.exec('PRAGMA foreign_keys = OFF');
	for (const sql of fixes) db.exec(sql);
	rebuildContents(db, from);
	db.exec('PRAGMA foreign_keys = ON');
	for (const sql of [...statements.views, ...statements.triggers]) db.exec(sql);
	return db;
}

/** Copies a database, including rowids. */
export function duplicateOf(db: Database): Database {
	return openBytes(bytesOf(db));
}

/** Reads the schema from SQL, in the same way as models. */
export function schemaOfSql(sql: string): Schema {
	return schemaOf(splitStatements(sql).map(({text}) => readStatement(text) as SchemaObject));
}

export function sqlOfModel(model: Model): string {
	return allStatements(statementsOfModel(model))
		.map((sql) => `${sql};\n`)
		.join('');
}

/** Executes steps as an upgrade does: in a guarded transaction, all or nothing. `check` runs before the commit and can throw to roll back. */
export async function execute(db: Database, steps: readonly Step[], check: () => void = () => undefined): Promise<void> {
	const transaction = await beginGuarded(db);
	try {
		for (const step of steps) {
			// The tables are small. Their indexes are kept like those of a large table.
			const run = executeStep(step, {db, keepIndexesFrom: 0});
			while (!(await run.next()).done);
			transaction.reassert();
		}
		check();
		await transaction.commit();
	} finally {
		transaction.end();
	}
}

/** Executes SQL as if a user pasted it into the sqlite3 shell. */
export function executeSpelled(db: Database, statements: readonly string[]): void {
	const native = nativeOf(db);
	db.exec('PRAGMA foreign_keys = OFF');
	db.exec('BEGIN IMMEDIATE');
	try {
		native.unsafeMode(true);
		for (const sql of statements) db.exec(sql);
		db.exec('COMMIT');
	} finally {
		if (db.inTransaction) db.exec('ROLLBACK');
		native.unsafeMode(false);
		db.exec('PRAGMA foreign_keys = ON');
	}
}
