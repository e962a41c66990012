import {cursorOver, isWord, qualifiedName} from '../ddl/cursor.ts';
import {tokenName} from '../ddl/lexer.ts';
import {MigrError} from '../errors.ts';
import type {Execute} from '../operations/operation.ts';
import {withParameters} from '../plan/statements.ts';
import {nameKey, quoted} from '../schema/identifiers.ts';
import {parentColumnsOf} from '../schema/lookup.ts';
import type {Schema} from '../schema/schema.ts';
import {clean} from '../text/clean.ts';
import {compare, record} from './guard.ts';
import {acts, type Child, childrenOf} from './references.ts';
import type {ScriptContext} from './script-context.ts';
import {dropTriggers, shieldsFor} from './shields.ts';
import type {StatementWrites} from './step-facts.ts';

/**
 * Returns a statement of a migration in a form that has the same effect with foreign keys on as in a local run, where they are off: nothing cascades.
 * A row that then has no parent stops the script at its end, as it stops a local run.
 *
 * @throws MigrError `plan` if foreign key actions and the statement itself may write the same table, so they cannot be told apart
 */
export function dataScript(operation: Execute, writes: StatementWrites | undefined, context: ScriptContext): readonly string[] {
	const sql = withParameters(operation);
	requireIndependent(operation);
	if (writes === undefined || writes.isAppend) return [sql];
	const parents = context.schema.tables.filter(({name}) => writes.tables.has(nameKey(name)));
	const children = parents.flatMap((parent) =>
		childrenOf(context.schema, parent.name).filter((child) => mayAct(child, parent.name, operation.sql, writes)),
	);
	const isWritten = ({table}: Child) => writes.tables.has(nameKey(table.name));
	const shields = shieldsFor(merged(children.filter((child) => !isWritten(child))), ['onDelete', 'onUpdate'], context);
	const guard = children.some(isWritten) ? rowsLeftBy(sql, writes, context.schema) : undefined;
	if (children.some(isWritten) && guard === undefined) throw indistinguishable(operation, children.find(isWritten) as Child);
	return [
		...(guard === undefined ? [] : [record(context.guards, {what: guard.what, count: guard.before})]),
		...dropTriggers(shields.suspended),
		...shields.open,
		sql,
		...shields.close,
		...shields.suspended.map(({sql}) => sql),
		...(guard === undefined ? [] : [compare(context.guards, {what: guard.what, count: guard.after})]),
	];
}

const counters: ReadonlySet<string> = new Set(['changes', 'total_changes', 'last_insert_rowid']);

/** @throws MigrError `plan` for a statement that reads what an earlier statement has done, because the script has statements in between */
function requireIndependent({sql, origin}: Execute): void {
	const {tokens} = cursorOver(sql);
	const used = tokens.find((token, index) => tokens[index + 1]?.text === '(' && counters.has(token.text.toLowerCase()));
	if (used === undefined) return;
	throw new MigrError('plan', `${used.text}() has another value in a script than in a local run`, {
		...(origin === undefined ? {} : {location: origin}),
		details: [clean(sql)],
		hint: 'write the statement without it',
	});
}

/** True if the statement may fire an action of the child's foreign keys. An UPDATE fires one only if it changes a column that a key refers to. */
function mayAct(child: Child, parent: string, sql: string, {hasPrograms, mayReplace}: StatementWrites): boolean {
	if (acts(child, 'onDelete') && (hasPrograms || mayReplace || verbOf(sql) !== 'UPDATE')) return true;
	if (!acts(child, 'onUpdate')) return false;
	if (hasPrograms) return true;
	const words = new Set(cursorOver(sql).tokens.map((token) => nameKey(tokenName(token))));
	return child.keys.some(
		(key) => parentColumnsOf(key, findTableNamed(child, parent)).some((name) => words.has(nameKey(name))) || key.parentColumns.length === 0,
	);
}

function findTableNamed(child: Child, parent: string): Child['table'] | undefined {
	return nameKey(child.table.name) === nameKey(parent) ? child.table : undefined;
}

function verbOf(sql: string): string {
	return cursorOver(sql).tokens[0]?.text.toUpperCase() ?? '';
}

/** Joins the children by table, since one table may refer to several written tables. */
function merged(children: readonly Child[]): readonly Child[] {
	return [...Map.groupBy(children, ({table}) => table)].map(([table, group]) => ({table, keys: group.flatMap(({keys}) => keys)}));
}

/**
 * Returns queries for the rows that `DELETE FROM table [WHERE …]` leaves, before and after it. A cascade within the table deletes more rows exactly if
 * rows without a parent would remain otherwise, which a local run refuses. Undefined for any other statement.
 */
function rowsLeftBy(
	sql: string,
	{tables}: StatementWrites,
	{triggers}: Schema,
): {readonly what: string; readonly before: string; readonly after: string} | undefined {
	const cursor = cursorOver(sql);
	const {tokens} = cursor;
	if (!isWord(tokens[0], 'DELETE') || !isWord(tokens[1], 'FROM')) return undefined;
	const name = qualifiedName(tokens, 2);
	if (name === undefined) return undefined;
	const mayWriteIt = triggers.some(({table, mentions}) => tables.has(nameKey(table)) && mentions.includes(nameKey(name.name)));
	if (mayWriteIt) return undefined;
	const after = `SELECT count(*) FROM ${quoted(name.name)}`;
	const what = `rows of ${name.name} that the statement keeps`;
	const where = tokens[name.next];
	if (where === undefined) return {what, before: 'SELECT 0', after};
	const isPlain =
		isWord(where, 'WHERE') && !tokens.slice(name.next).some((token) => ['RETURNING', 'LIMIT', 'ORDER'].some((word) => isWord(token, word)));
	if (!isPlain) return undefined;
	return {what, before: `${after} WHERE (${sql.slice(where.end)}\n) IS NOT TRUE`, after};
}

function indistinguishable({sql, origin}: Execute, {table}: Child): MigrError {
	return new MigrError('plan', `a foreign key of ${clean(table.name)} acts on rows that this statement also writes`, {
		location: {...origin, table: table.name},
		details: [clean(sql)],
		hint: 'foreign keys cannot be switched off there: write the change as DELETE FROM table WHERE …, one table per statement, children first',
	});
}
