import {isTemporary, readHead} from '../ddl/create-head.ts';
import {cursorOver, isWord, qualifiedName} from '../ddl/cursor.ts';
import {type Token, tokenName} from '../ddl/lexer.ts';
import {MigrError} from '../errors.ts';
import type {Execute} from '../operations/operation.ts';
import {withParameters} from '../plan/statements.ts';
import {nameKey, quoted, sameName} from '../schema/identifiers.ts';
import {isRowidAlias, rowidNames} from '../schema/key-columns.ts';
import {findColumn, parentColumnsOf} from '../schema/lookup.ts';
import type {Schema, Table} from '../schema/schema.ts';
import {clean} from '../text/clean.ts';
import {compare, type Guard, record} from './guard.ts';
import {acts, type Child, childrenOf} from './references.ts';
import type {ScriptContext} from './script-context.ts';
import {changedValues, dropTriggers, type Shields, searchIndexes, shieldsFor} from './shields.ts';
import type {StatementWrites} from './step-facts.ts';

/**
 * Returns a statement of a migration in a form that has the same effect with foreign keys on as in a local run, which turns them off: nothing cascades.
 * A row that then has no parent stops the script at its end, as it stops a local run.
 *
 * @throws MigrError `plan` if foreign key actions and the statement itself may write the same table, so they cannot be distinguished, or if the
 * statement has a different effect in a script
 */
export function dataScript(operation: Execute, writes: StatementWrites | undefined, context: ScriptContext): readonly string[] {
	const sql = withParameters(operation);
	requireIndependent(operation);
	requireNoShadow(operation, context.schema);
	if (writes === undefined || writes.isAppend) return [sql];
	const parents = context.schema.tables.filter(({name}) => writes.tables.has(nameKey(name)));
	const children = parents.flatMap((parent) =>
		childrenOf(context.schema, parent.name).filter((child) => mayAct(child, parent, operation.sql, writes)),
	);
	const isWritten = ({table}: Child) => writes.tables.has(nameKey(table.name));
	const shields = shieldsFor(merged(children.filter((child) => !isWritten(child))), ['onDelete', 'onUpdate'], context);
	const [written, ...others] = merged(children.filter(isWritten));
	if (written === undefined) return [...dropTriggers(shields.suspended), ...shields.open, sql, ...shields.close, ...created(shields.suspended)];
	const guards = others.length > 0 ? undefined : guardsOfKept(sql, written, writes, context.schema);
	if (guards === undefined) throw indistinguishable(operation, written);
	const search = searchIndexes(written, context);
	return [
		...guards.map(({before, ...guard}) => record(context.guards, {...guard, count: before})),
		...dropTriggers(shields.suspended),
		...shields.open,
		...search.open,
		sql,
		...search.close,
		...shields.close,
		...created(shields.suspended),
		...guards.map(({after, ...guard}) => compare(context.guards, {...guard, count: after})),
	];
}

function created(triggers: Shields['suspended']): readonly string[] {
	return triggers.map(({sql}) => sql);
}

const counters: ReadonlySet<string> = new Set(['changes', 'total_changes', 'last_insert_rowid']);

/** @throws MigrError `plan` for a statement that reads the effects of an earlier statement, because the script has statements in between */
function requireIndependent({sql, origin}: Execute): void {
	const {tokens} = cursorOver(sql);
	const used = tokens.find((token, index) => tokens[index + 1]?.text === '(' && counters.has(token.text.toLowerCase()));
	if (used === undefined) return;
	throw new MigrError('plan', `${used.text}() has a different value in a script than in a local run`, {
		...(origin === undefined ? {} : {location: origin}),
		details: [clean(sql)],
		hint: 'write the statement without it',
	});
}

/** @throws MigrError `plan` for a temporary table that hides one of the schema, and for a temporary trigger, which may fire before a shield */
function requireNoShadow({sql, origin}: Execute, {tables, views, virtualTables}: Schema): void {
	if (!isTemporary(sql)) return;
	const cursor = cursorOver(sql);
	const {name} = readHead(cursor);
	const created = tokenName(cursor.tokens[name] as Token);
	const isTrigger = cursor.tokens.slice(0, name).some((token) => isWord(token, 'TRIGGER'));
	if (!isTrigger && ![...tables, ...views, ...virtualTables].some((one) => sameName(one.name, created))) return;
	throw new MigrError(
		'plan',
		isTrigger ? 'a script cannot create a temporary trigger' : `the temporary ${clean(created)} would hide the one of the database`,
		{
			...(origin === undefined ? {} : {location: origin}),
			details: [clean(sql)],
			hint: isTrigger ? 'create a trigger without TEMP, and drop it again' : 'use another name for it',
		},
	);
}

/** True if the statement may fire an action of the child's foreign keys. An UPDATE fires one only if it changes a column that a key refers to. */
function mayAct(child: Child, parent: Table, sql: string, {hasPrograms, mayReplace}: StatementWrites): boolean {
	if (acts(child, 'onDelete') && (hasPrograms || mayReplace || verbOf(sql) !== 'UPDATE')) return true;
	if (!acts(child, 'onUpdate')) return false;
	if (hasPrograms) return true;
	const words = new Set(cursorOver(sql).tokens.map((token) => nameKey(tokenName(token))));
	const mayChange = (name: string) => {
		const column = findColumn(parent, name);
		// A generated column changes with the columns it is computed from, and the rowid has several names.
		if (column === undefined || column.generated !== undefined) return true;
		return [name, ...(isRowidAlias(parent, column) ? rowidNames : [])].some((one) => words.has(nameKey(one)));
	};
	return child.keys.some((key) => parentColumnsOf(key, parent).some(mayChange));
}

function verbOf(sql: string): string {
	return cursorOver(sql).tokens[0]?.text.toUpperCase() ?? '';
}

/** Joins the children by table, since one table may refer to several written tables. */
function merged(children: readonly Child[]): readonly Child[] {
	return [...Map.groupBy(children, ({table}) => table)].map(([table, group]) => ({table, keys: group.flatMap(({keys}) => keys)}));
}

/** A number to record before a statement and to compare after it. */
interface GuardOfKept extends Omit<Guard, 'count'> {
	readonly before: string;
	readonly after: string;
}

/**
 * Returns guards of the rows that `DELETE FROM table [WHERE …]` keeps, if no other table is written that has actions. An action within the table deletes
 * or changes one of these rows exactly if it would have no parent row otherwise, which a local run refuses. Undefined for any other statement.
 */
function guardsOfKept(sql: string, child: Child, {tables}: StatementWrites, {triggers}: Schema): readonly GuardOfKept[] | undefined {
	const {tokens} = cursorOver(sql);
	if (!isWord(tokens[0], 'DELETE') || !isWord(tokens[1], 'FROM')) return undefined;
	const name = qualifiedName(tokens, 2);
	if (name === undefined || !sameName(name.name, child.table.name)) return undefined;
	const mayWriteIt = triggers.some(({table, mentions}) => tables.has(nameKey(table)) && mentions.includes(nameKey(name.name)));
	const where = tokens[name.next];
	const isPlain =
		where === undefined ||
		(isWord(where, 'WHERE') && !tokens.slice(name.next).some((token) => ['RETURNING', 'LIMIT', 'ORDER'].some((word) => isWord(token, word))));
	if (mayWriteIt || !isPlain) return undefined;
	const from = `FROM ${quoted(name.name)}`;
	const guard = (what: string, values: string): GuardOfKept => ({
		what: `${what} of ${name.name} that the statement keeps`,
		before: where === undefined ? `SELECT ${values} ${from} WHERE 0` : `SELECT ${values} ${from} WHERE (${sql.slice(where.end)}\n) IS NOT TRUE`,
		after: `SELECT ${values} ${from}`,
	});
	const values = changedValues(child, ['onDelete']);
	return [guard('rows', 'count(*)'), ...(values === undefined ? [] : [{...guard('foreign keys', values), isChecksum: true as const}])];
}

function indistinguishable({sql, origin}: Execute, {table}: Child): MigrError {
	return new MigrError('plan', `a foreign key of ${clean(table.name)} acts on rows that this statement also writes`, {
		location: {...origin, table: table.name},
		details: [clean(sql)],
		hint: 'foreign keys cannot be switched off there: write the change as DELETE FROM table WHERE …, one table per statement, children first',
	});
}
