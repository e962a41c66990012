import {renderColumn, renderTable} from '../ddl/render.ts';
import type {ColumnDelta} from '../operations/table-delta.ts';
import {identifier, nameKey, quoted, sameName} from '../schema/identifiers.ts';
import {findTable} from '../schema/lookup.ts';
import type {Check, Column, ForeignKey, Table} from '../schema/schema.ts';
import {checksOf} from './column-facts.ts';
import type {EditSchemaStep, Scan, StatementsStep, Step, Strategy} from './step.ts';
import type {TableWork} from './table-steps.ts';

/**
 * The steps of changes that need no copy: ALTER TABLE where SQLite has it, and at most one edit of the stored definition for what has no ALTER.
 * To be called only where there is no reason for a rewrite.
 */
export function inPlaceSteps(work: TableWork): readonly Step[] {
	const {delta} = work;
	const edit = editStep(work);
	const changedNotNull = delta.changed.filter(({notNull}) => notNull !== undefined);
	return [
		...(edit === undefined ? namedChecks(work).map((check) => dropCheck(work, check)) : []),
		...delta.added.map((column) => addColumn(work, column)),
		...changedNotNull.filter(({notNull}) => notNull !== 'dropped' || edit === undefined).map((change) => changeNotNull(work, change)),
		...addedChecks(work).map((check) => addCheck(work, check)),
		...delta.dropped.map((column) => dropColumn(work, column)),
		...(edit === undefined ? [] : [edit]),
	];
}

/** True where something has no ALTER, so that the stored definition has to be edited. */
export function needsEdit(work: TableWork): boolean {
	return editStep(work) !== undefined;
}

function alter({after, item}: TableWork, strategy: Strategy, summary: string, reason: string, clause: string): StatementsStep {
	const sql = `ALTER TABLE ${identifier(after.name)} ${clause}`;
	return {kind: 'statements', strategy, object: after.name, table: after.name, summary, reason, operations: item.operations, statements: [sql]};
}

/** SQLite tries a CHECK or a generated NOT NULL on every row. */
function addColumn(work: TableWork, column: Column): Step {
	const isTried = ownChecks(work.after, column).length > 0 || (column.generated !== undefined && column.notNull !== undefined);
	const definition = renderColumn(column, {...work.after, checks: ownChecks(work.after, column)});
	const reason = isTried ? 'no row is written, each is tried on the new rule' : 'old rows read the default from the schema';
	return alter(work, isTried ? 'scan' : 'instant', `add column ${column.name}`, reason, `ADD COLUMN ${definition}`);
}

/** The checks that stand behind the column in its definition. */
function ownChecks(table: Table, column: Column): readonly Check[] {
	return table.checks.filter((check) => check.column !== undefined && sameName(check.column, column.name));
}

/** DROP COLUMN takes the column out of every row, but for a virtual one, which is in none. */
function dropColumn(work: TableWork, column: Column): Step {
	const isVirtual = column.generated?.stored === false;
	const reason = isVirtual ? 'the column is in no row' : 'SQLite takes the column out of every row in place';
	return alter(work, isVirtual ? 'instant' : 'rewrite', `drop column ${column.name}`, reason, `DROP COLUMN ${identifier(column.name)}`);
}

function changeNotNull(work: TableWork, {after, notNull}: ColumnDelta): Step {
	const column = `ALTER COLUMN ${identifier(after.name)}`;
	if (notNull === 'dropped')
		return alter(work, 'instant', `${after.name} may be NULL`, 'rows that are there obey it already', `${column} DROP NOT NULL`);
	const conflict = after.notNull?.onConflict === undefined ? '' : ` ON CONFLICT ${after.notNull.onConflict}`;
	return alter(work, 'scan', `${after.name} NOT NULL`, 'no row is written, each is tried on the new rule', `${column} SET NOT NULL${conflict}`);
}

/** The new checks but for those that an added column brings along. */
function addedChecks({delta}: TableWork): readonly Check[] {
	return delta.checks.added.filter(({column}) => column === undefined || !delta.added.some(({name}) => sameName(name, column)));
}

function addCheck(work: TableWork, check: Check): Step {
	const name = check.name === undefined ? '' : `CONSTRAINT ${identifier(check.name)} `;
	const reason = 'no row is written, each is tried on the new rule';
	return alter(work, 'scan', `add CHECK (${check.expression.text})`, reason, `ADD ${name}CHECK (${check.expression.text})`);
}

/** Checks that go with a dropped column need nothing of their own. */
function droppedChecks({delta, before}: TableWork): readonly Check[] {
	const along = delta.dropped.flatMap((column) => checksOf(before, column));
	return delta.checks.dropped.filter((check) => !along.includes(check));
}

/** The dropped checks that DROP CONSTRAINT can name; it takes the first of that name, so the name must be the only one. */
function namedChecks(work: TableWork): readonly Check[] {
	return droppedChecks(work).filter((check) => canBeNamed(work, check));
}

function canBeNamed({before, features}: TableWork, check: Check): boolean {
	const {name} = check;
	if (name === undefined || !features.alterConstraints) return false;
	const names = [
		...before.checks.map((other) => other.name),
		...before.uniques.map((unique) => unique.name),
		...before.foreignKeys.map((key) => key.name),
		...before.columns.map((column) => column.notNull?.name),
		before.primaryKey?.name,
	];
	return names.filter((other) => other !== undefined && sameName(other, name)).length === 1;
}

function dropCheck(work: TableWork, check: Check): Step {
	return alter(
		work,
		'instant',
		`drop CHECK (${check.expression.text})`,
		'rows that are there obey it already',
		`DROP CONSTRAINT ${identifier(check.name ?? '')}`,
	);
}

/**
 * One new text for the stored definition, where something has no ALTER: foreign keys, a declared type within one affinity, an unnamed CHECK that
 * goes. None of them changes what is stored (https://www.sqlite.org/lang_altertable.html#otheralter).
 */
function editStep(work: TableWork): EditSchemaStep | undefined {
	const {delta, after, before, item} = work;
	const types = delta.changed.filter(({type}) => type);
	const along = (key: ForeignKey) => key.columns.length === 1 && delta.added.some(({name}) => sameName(name, key.columns[0] as string));
	const added = delta.foreignKeys.added.filter((key) => !along(key));
	const unnamed = droppedChecks(work).filter((check) => !canBeNamed(work, check));
	const foreignKeys = delta.foreignKeys.dropped.filter(
		({columns}) => !columns.some((name) => delta.dropped.some((column) => sameName(column.name, name))),
	);
	if (types.length + added.length + unnamed.length + foreignKeys.length === 0) return undefined;
	const described = (key: ForeignKey) => `FOREIGN KEY (${key.columns.join(', ')}) REFERENCES ${key.parent}`;
	const summary = [
		...types.map((change) => `${change.after.name} ${change.before.type || 'no type'} → ${change.after.type || 'no type'}`),
		...added.map((key) => `add ${described(key)}`),
		...foreignKeys.map((key) => `drop ${described(key)}`),
		...droppedChecks(work).map(({expression}) => `drop CHECK (${expression.text})`),
	];
	return {
		kind: 'editSchema',
		strategy: added.length > 0 ? 'scan' : 'instant',
		object: after.name,
		table: before.name,
		summary: summary.join(', '),
		reason: added.length > 0 ? 'no row is written, each is looked up in the parent' : 'what is stored stays as it is, only the definition changes',
		operations: item.operations,
		sql: storedOrder(work),
		scans: added.flatMap((key) => orphanScan(work, key)),
	};
}

/** The new definition with its columns in the order in which the rows hold them. */
function storedOrder({before, after, delta}: TableWork): string {
	const position = (column: Column) => {
		const index = before.columns.findIndex(({name}) => sameName(name, column.name));
		return index === -1 ? before.columns.length + delta.added.indexOf(column) : index;
	};
	const columns = [...after.columns].sort((a, b) => position(a) - position(b));
	const isInOrder = columns.every((column, index) => column === after.columns[index]);
	return isInOrder ? after.sql : renderTable({...after, columns});
}

function orphanScan({after, item}: TableWork, key: ForeignKey): readonly Scan[] {
	const parent = nameKey(key.parent) === nameKey(after.name) ? after : (findTable(item.after, key.parent) ?? findTable(item.before, key.parent));
	const parentColumns = key.parentColumns.length > 0 ? key.parentColumns : (parent?.primaryKey?.columns.map(({name}) => name) ?? []);
	if (parent === undefined || parentColumns.length !== key.columns.length) return [];
	const child = (name: string) => `"_child".${quoted(name)}`;
	const given = key.columns.map((name) => `${child(name)} IS NOT NULL`);
	const match = key.columns.map((name, index) => `"_parent".${quoted(parentColumns[index] as string)} = ${child(name)}`);
	return [
		{
			rule: `FOREIGN KEY (${key.columns.join(', ')}) REFERENCES ${key.parent}(${parentColumns.join(', ')})`,
			sql: `SELECT * FROM ${quoted(after.name)} AS "_child" WHERE ${given.join(' AND ')} AND NOT EXISTS (SELECT 1 FROM ${quoted(parent.name)} AS "_parent" WHERE ${match.join(' AND ')})`,
		},
	];
}
