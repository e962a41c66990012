import {literal, quoted} from '../schema/identifiers.ts';
import type {RewriteStep} from './step.ts';

/** One phase of a rewrite, with its statements in the order they are executed. */
export interface RewritePhase {
	readonly phase: 'create' | 'copy' | 'sequence' | 'drop' | 'legacyOn' | 'rename' | 'legacyOff' | 'indexes' | 'triggers';
	readonly statements: readonly string[];
}

/**
 * Returns the rewrite of a table as SQL, by the numbered procedure of https://www.sqlite.org/lang_altertable.html#otheralter, which is quoted next to
 * each phase. Phases without statements are omitted.
 *
 * This is the only description of a rewrite. `statementsOf` prints it. `sqlite/rewrite.ts` executes it phase by phase, and adds what plain SQL cannot
 * do: it copies in batches, checks the number of rows and keeps the statistics of ANALYZE. Other scripts can add their own statements between phases.
 */
export function rewritePhases(step: RewriteStep): readonly RewritePhase[] {
	const {table, temporaryName, object} = step;
	const phases: readonly RewritePhase[] = [
		// "1. If foreign key constraints are enabled, disable them using PRAGMA foreign_keys=OFF." "2. Start a transaction."
		// The caller has done both: `sqlite/transaction.ts`, or the first lines of a script.
		// "3. Remember the format of all indexes, triggers, and views associated with table X." The step contains the indexes and triggers.
		// "4. Use CREATE TABLE to construct a new table "new_X" that is in the desired revised format of table X."
		{phase: 'create', statements: [step.createSql]},
		// "5. Transfer content from X into new_X using a statement like: INSERT INTO new_X SELECT ... FROM X."
		{phase: 'copy', statements: [copyStatement(step)]},
		// Not in the procedure: the AUTOINCREMENT counter is dropped with the old table.
		{phase: 'sequence', statements: step.carrySequence ? sequenceStatements(step) : []},
		// "6. Drop the old table X: DROP TABLE X."
		{phase: 'drop', statements: [`DROP TABLE ${quoted(table)}`]},
		// "7. Change the name of new_X to X using: ALTER TABLE new_X RENAME TO X." Views, triggers and foreign keys already name X, and must keep their
		// text: https://www.sqlite.org/pragma.html#pragma_legacy_alter_table.
		{phase: 'legacyOn', statements: ['PRAGMA legacy_alter_table=ON']},
		{phase: 'rename', statements: [`ALTER TABLE ${quoted(temporaryName)} RENAME TO ${quoted(object)}`]},
		{phase: 'legacyOff', statements: ['PRAGMA legacy_alter_table=OFF']},
		// "8. Use CREATE INDEX, CREATE TRIGGER, and CREATE VIEW to reconstruct indexes, triggers, and views associated with table X."
		{phase: 'indexes', statements: step.indexes},
		{phase: 'triggers', statements: step.triggers},
		// "9. If any views refer to table X in a way that is affected by the schema change, then drop those views using DROP VIEW and recreate them".
		// These are other steps of the plan.
		// "10. If foreign key constraints were originally enabled then run PRAGMA foreign_key_check", "11. Commit the transaction started in step 2.",
		// "12. If foreign keys constraints were originally enabled, reenable them now." This is done once for all steps.
	];
	return phases.filter(({statements}) => statements.length > 0);
}

/** Returns the copy as one statement. `where` limits it to some of the rows. */
export function copyStatement({copy, table, temporaryName}: RewriteStep, where = ''): string {
	// OR ABORT, so that ON CONFLICT IGNORE or REPLACE of the new table cannot silently drop a row.
	return `INSERT OR ABORT INTO ${quoted(temporaryName)} (${copy.columns.join(', ')}) SELECT ${copy.expressions.join(', ')} FROM ${quoted(table)}${where}`;
}

/**
 * Returns the statements that carry the AUTOINCREMENT counter over, so used ids are never reused (https://www.sqlite.org/autoinc.html). The copy gave the
 * new table its own counter, which is higher if a fill raised the ids. The rename then renames the counter.
 */
function sequenceStatements({table, temporaryName}: RewriteStep): readonly string[] {
	const [from, to] = [`name = ${literal(table)} COLLATE NOCASE`, `name = ${literal(temporaryName)}`];
	return [
		`UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM sqlite_sequence WHERE ${from} OR ${to}) WHERE ${to}`,
		`INSERT INTO sqlite_sequence (name, seq) SELECT ${literal(temporaryName)}, seq FROM sqlite_sequence WHERE ${from} AND seq IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE ${to})`,
	];
}
