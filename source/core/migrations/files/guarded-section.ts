import {readTable} from '../../ddl/read.ts';
import {foreignKeysMustBeOff, needsForeignKeyGuard} from '../../plan/foreign-key-guard.ts';
import {rewritePhases} from '../../plan/rewrite-phases.ts';
import {statementsOf} from '../../plan/statements.ts';
import type {Step} from '../../plan/step.ts';
import {literal, nameKey, quoted} from '../../schema/identifiers.ts';
import type {Schema} from '../../schema/schema.ts';
import {dropGuards, failIf, GuardTable, guardTable} from '../../script/guard.ts';
import {ScriptNames} from '../../script/names.ts';
import {savepoint} from '../../script/scaffolding.ts';
import {checkCopy} from '../../script/table-script.ts';
import {proseComment} from './section-markers.ts';
import {statementLines, stepsSql} from './steps-sql.ts';

/**
 * How to read this file: people run `.sql` migrations with other programs, from a folder that lite-migr wrote. Some of these programs continue after
 * an error, such as the sqlite3 shell without `-bail`, and some run the downgrade right after the upgrade, because for them a file is one script.
 * Neither may lose a row, for example by dropping a table whose copy has failed. lite-migr itself skips what this file adds: it has its own checks.
 */

/**
 * Returns the upgrade section of a migration. If its statements could lose rows or values, they take effect together or not at all: guards check them,
 * and the last one rolls back if another guard has failed.
 *
 * @param comments lines above the first step
 * @param schemas the schemas before and after the steps
 * @param fits all schemas that the steps must work on
 */
export function guardedUpgrade(steps: readonly Step[], comments: string, schemas: readonly Schema[], fits: readonly Schema[]): string {
	const needsKeysOff = needsForeignKeyGuard(steps, schemas);
	const isOneStatement = steps.flatMap(statementsOf).length === 1;
	if (!needsKeysOff && (isOneStatement || !isRisky(steps))) return `${comments}${stepsSql(steps)}`;
	const guards = new GuardTable(new ScriptNames([...schemas, ...fits]).next('guard'));
	const start = [
		`SAVEPOINT ${savepoint}`,
		guardTable(guards),
		// If a program has committed a part of an earlier run, the table exists and has rows.
		`DELETE FROM ${quoted(guards.name)}`,
		...(needsKeysOff ? [failIf(guards, foreignKeysMustBeOff, 'pragma_foreign_keys WHERE foreign_keys = 1')] : []),
		failIf(guards, 'the tables are not those that this migration was written for', otherTables(steps, fits)),
	];
	const body = stepsSql(steps, (step) => guardedStatements(step, guards));
	return [
		`${proseComment('In other programs, all statements take effect or none. lite-migr skips the guards.')}\n`,
		`${statementLines(start)}\n`,
		`${comments}${body}\n`,
		`${proseComment('Rolls back if a guard has failed.')}\n`,
		statementLines([...dropGuards(guards), `RELEASE ${savepoint}`]),
	].join('');
}

/**
 * Returns the downgrade section of a migration. Other programs cannot run it if one of the sections could lose rows or values. Without that, a program that
 * runs the whole file would drop a table as the upgrade says, and create it again without its rows.
 */
export function guardedDowngrade(steps: readonly Step[], comments: string, upgrade: readonly Step[]): string {
	if (!isRisky(steps) && !isRisky(upgrade)) return `${comments}${stepsSql(steps)}`;
	const message = literal('lite-migr: the rest of this file undoes the migration; run lite-migr downgrade instead');
	return [
		`${proseComment('Only lite-migr runs these statements. In other programs, the first one fails, and the last two undo the others.')}\n`,
		`${statementLines([`CREATE TABLE _lite_migr_guard AS SELECT json_extract('{}', ${message})`, `SAVEPOINT ${savepoint}`])}\n`,
		`${comments}${stepsSql(steps)}\n`,
		statementLines([`ROLLBACK TO ${savepoint}`, `RELEASE ${savepoint}`]),
	].join('');
}

/** True if a step could lose rows or values, alone or if another step has failed. */
function isRisky(steps: readonly Step[]): boolean {
	return steps.some(({kind, strategy}) => kind === 'execute' || strategy === 'rewrite' || strategy === 'drop');
}

function guardedStatements(step: Step, guards: GuardTable): readonly string[] {
	if (step.kind !== 'rewrite') return statementsOf(step);
	const checks = checkCopy(step, readTable(step.createSql), guards);
	return rewritePhases(step).flatMap(({phase, statements}) => (phase === 'copy' ? [...statements, ...checks] : statements));
}

/** Returns the rest of a query, after FROM, that has a row if the tables of the steps do not have the columns of one of the schemas. */
function otherTables(steps: readonly Step[], fits: readonly Schema[]): string {
	const virtual = new Set(fits.flatMap(({virtualTables}) => virtualTables.map(({name}) => nameKey(name))));
	const named = steps.flatMap((step) => [step.object, step.table ?? step.object, ...(step.kind === 'rewrite' ? [step.temporaryName] : [])]);
	const names = [...new Set(named.map(nameKey))].filter((name) => !virtual.has(name));
	const expected = fits.map(({tables}) => {
		const found = tables
			.filter(({name}) => names.includes(nameKey(name)))
			.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
		return JSON.stringify(found.flatMap(({name, columns}) => columns.map((column) => `${name}.${column.name}`)));
	});
	const columns = `SELECT t.name || '.' || c.name AS "column" FROM sqlite_schema AS t JOIN pragma_table_xinfo(t.name) AS c WHERE t.type = 'table' AND t.name COLLATE NOCASE IN (${names.map(literal).join(', ')}) ORDER BY t.name, c.cid`;
	return `(SELECT json_group_array("column") AS found FROM (${columns})) WHERE found NOT IN (${[...new Set(expected)].map(literal).join(', ')})`;
}
