import {renderColumn} from '../ddl/render.ts';
import type {ColumnDelta} from '../operations/table-delta.ts';
import {identifier, sameName} from '../schema/identifiers.ts';
import type {Check, Column, Table} from '../schema/schema.ts';
import {alteredChecks, namedChecks} from './check-changes.ts';
import {editStep} from './edit.ts';
import type {StatementsStep, Step} from './step.ts';
import type {Strategy} from './strategy.ts';
import type {TableWork} from './table-work.ts';

/**
 * Returns the steps for changes that need no copy: ALTER TABLE if SQLite supports the change, and at most one edit of the stored definition for the rest.
 * Only valid if there is no reason for a rewrite.
 */
export function inPlaceSteps(work: TableWork): readonly Step[] {
	const {delta} = work;
	const edit = editStep(work);
	const changedNotNull = delta.changed.filter(({notNull}) => notNull !== undefined);
	return [
		...(edit === undefined ? namedChecks(work).map((check) => dropCheck(work, check)) : []),
		...delta.added.map((column) => addColumn(work, column)),
		...changedNotNull.filter(({notNull}) => notNull !== 'dropped' || edit === undefined).map((change) => changeNotNull(work, change)),
		...alteredChecks(work).map((check) => addCheck(work, check)),
		...delta.dropped.map((column) => dropColumn(work, column)),
		...(edit === undefined ? [] : [edit]),
	];
}

/** True if a change has no ALTER, so the stored definition must be edited. */
export function needsEdit(work: TableWork): boolean {
	return editStep(work) !== undefined;
}

function alter({after, item}: TableWork, strategy: Strategy, summary: string, reason: string, clause: string): StatementsStep {
	const sql = `ALTER TABLE ${identifier(after.name)} ${clause}`;
	return {kind: 'statements', strategy, object: after.name, table: after.name, summary, reason, operations: item.operations, statements: [sql]};
}

/** Adds a column. SQLite checks a CHECK or a generated NOT NULL for every row. */
function addColumn(work: TableWork, column: Column): Step {
	const isTried = ownChecks(work.after, column).length > 0 || (column.generated !== undefined && column.notNull !== undefined);
	const definition = renderColumn(column, {...work.after, checks: ownChecks(work.after, column)});
	return alter(work, isTried ? 'scan' : 'instant', `add column ${column.name}`, whyAdded(column, isTried), `ADD COLUMN ${definition}`);
}

function whyAdded({generated, default: standard}: Column, isTried: boolean): string {
	if (isTried) return 'no row is written, each is checked against the new rule';
	if (generated !== undefined) return 'a virtual column is not stored';
	return standard === undefined ? 'no row is written, old rows read NULL' : 'no row is written, old rows read the default from the schema';
}

/** Returns the checks that follow the column in its definition. */
function ownChecks(table: Table, column: Column): readonly Check[] {
	return table.checks.filter((check) => check.column !== undefined && sameName(check.column, column.name));
}

/** Drops a column. DROP COLUMN removes it from every row, unless it is virtual and therefore not stored. */
function dropColumn(work: TableWork, column: Column): Step {
	const isVirtual = column.generated?.stored === false;
	const reason = isVirtual ? 'the column is not stored' : 'SQLite removes the column from every row in place';
	return alter(work, isVirtual ? 'instant' : 'rewrite', `drop column ${column.name}`, reason, `DROP COLUMN ${identifier(column.name)}`);
}

function changeNotNull(work: TableWork, {after, notNull}: ColumnDelta): Step {
	const column = `ALTER COLUMN ${identifier(after.name)}`;
	if (notNull === 'dropped') return alter(work, 'instant', `${after.name} may be NULL`, 'existing rows stay valid', `${column} DROP NOT NULL`);
	const conflict = after.notNull?.onConflict === undefined ? '' : ` ON CONFLICT ${after.notNull.onConflict}`;
	return alter(
		work,
		'scan',
		`${after.name} NOT NULL`,
		'no row is written, each is checked against the new rule',
		`${column} SET NOT NULL${conflict}`,
	);
}

function addCheck(work: TableWork, check: Check): Step {
	const name = check.name === undefined ? '' : `CONSTRAINT ${identifier(check.name)} `;
	const reason = 'no row is written, each is checked against the new rule';
	return alter(work, 'scan', `add CHECK (${check.expression.text})`, reason, `ADD ${name}CHECK (${check.expression.text})`);
}

function dropCheck(work: TableWork, check: Check): Step {
	return alter(
		work,
		'instant',
		`drop CHECK (${check.expression.text})`,
		'existing rows stay valid',
		`DROP CONSTRAINT ${identifier(check.name ?? '')}`,
	);
}
