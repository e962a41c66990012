import {readTable} from '../ddl/read.ts';
import {withName} from '../ddl/render.ts';
import {rowidOf} from '../operations/rowid.ts';
import {rewritePhases} from '../plan/rewrite-phases.ts';
import type {EditSchemaStep, RewriteStep} from '../plan/step.ts';
import {identifier, literal, nameKey, quoted, sameName} from '../schema/identifiers.ts';
import {findTable, indexesOf, parentColumnsOf, triggersOf} from '../schema/lookup.ts';
import type {Schema, Table, Trigger, View} from '../schema/schema.ts';
import {requireActions, requireWritable} from './enforceable.ts';
import {failIfNotFitting} from './generated-values.ts';
import {failIf, type GuardTable} from './guard.ts';
import {acts, childrenOf, isParentKey} from './references.ts';
import type {ScriptContext} from './script-context.ts';
import {dropTriggers, type Shields, searchIndexes, shieldsFor, shieldTriggers} from './shields.ts';

/**
 * Returns the rewrite of a table by the procedure of https://www.sqlite.org/lang_altertable.html#otheralter, in a form that keeps all rows of other
 * tables even if foreign keys are on.
 */
export function rewriteScript(step: RewriteStep, context: ScriptContext): readonly string[] {
	const definition = readTable(step.createSql);
	const selfKeys = definition.foreignKeys.filter(({parent}) => sameName(parent, step.object));
	const old = findTable(context.schema, step.table);
	// While rows are copied, a reference of the new table to itself still means the old table.
	const fits = selfKeys.every((key) => old !== undefined && isParentKey(context.schema, old, parentColumnsOf(key, definition)));
	return fits ? renamedCopy(step, definition, context) : stagedCopy(step, definition, context);
}

/** Returns a change of a stored definition as a rewrite, because programs and engines may not write `sqlite_schema`. */
export function definitionScript(step: EditSchemaStep, context: ScriptContext): readonly string[] {
	const {schema, names} = context;
	const table = findTable(schema, step.table) as Table;
	const temporaryName = names.next('new');
	const rowid = table.withoutRowid || table.primaryKey?.rowidAlias === true ? undefined : rowidOf(table);
	const columns = [
		...(rowid === undefined ? [] : [rowid]),
		...table.columns.filter(({generated}) => generated === undefined).map(({name}) => quoted(name)),
	];
	return rewriteScript(
		{
			...step,
			kind: 'rewrite',
			temporaryName,
			createSql: withName(step.sql, temporaryName),
			copy: {columns, expressions: columns},
			carrySequence: table.primaryKey?.autoincrement === true,
			indexes: indexesOf(schema, table).map(({sql}) => sql),
			keptIndexes: [],
			triggers: triggersOf(schema, table).map(({sql}) => sql),
		},
		context,
	);
}

/** Copies into a new table, which is then renamed to the old name. */
function renamedCopy(step: RewriteStep, definition: Table, context: ScriptContext): readonly string[] {
	const {schema, engine} = context;
	const {table, temporaryName} = step;
	const copy = {...definition, name: temporaryName};
	requireWritable(copy, context);
	const {open, close, suspended} = removed(table, {...context, schema: {...schema, tables: [...schema.tables, copy]}});
	const views = engine.legacyAlterTable ? [] : viewsOver(schema, table);
	const triggers = inOrder([...suspended, ...(engine.legacyAlterTable ? [] : triggersNaming(schema, table, views))], schema);
	const phases = rewritePhases(step).flatMap(({phase, statements}) => {
		switch (phase) {
			case 'copy':
				return [...statements, ...checkCopy(step, definition, context.guards)];
			case 'drop':
				return [...dropTriggers(triggers), ...views.map(({name}) => `DROP VIEW ${identifier(name)}`), ...open, ...statements, ...close];
			case 'legacyOn':
			case 'legacyOff':
				return engine.legacyAlterTable ? statements : [];
			default:
				return statements;
		}
	});
	return [...phases, ...[...views, ...triggers].map(({sql}) => sql)];
}

/** Copies twice: into a table without rules, and from there into the new one, which has its final name from the start. */
function stagedCopy(step: RewriteStep, definition: Table, context: ScriptContext): readonly string[] {
	const {table, temporaryName: staged, object, copy, carrySequence} = step;
	const {open, close, suspended} = removed(table, context);
	const now = {...definition, name: object};
	requireWritable(now, {...context, schema: {...context.schema, tables: [...context.schema.tables.filter(({name}) => !sameName(name, table)), now]}});
	const columns = copy.columns.map((_, index) => `c${index}`);
	const second = {...step, table: staged, temporaryName: object, createSql: withName(step.createSql, object), copy: {...copy, expressions: columns}};
	const counter = `INSERT INTO sqlite_sequence (name, seq) SELECT ${literal(staged)}, seq FROM sqlite_sequence WHERE name = ${literal(table)} COLLATE NOCASE`;
	return [
		`CREATE TABLE ${quoted(staged)} (${columns.join(', ')})`,
		`INSERT INTO ${quoted(staged)} SELECT ${copy.expressions.join(', ')} FROM ${quoted(table)}`,
		...(carrySequence ? [counter] : []),
		...dropTriggers(suspended),
		...open,
		`DROP TABLE ${quoted(table)}`,
		...close,
		...rewritePhases(second).flatMap(({phase, statements}) => {
			if (phase === 'copy') return [...statements, ...checkCopy(second, definition, context.guards)];
			return phase === 'legacyOn' || phase === 'rename' || phase === 'legacyOff' ? [] : statements;
		}),
		...(carrySequence ? [`DELETE FROM sqlite_sequence WHERE name = ${literal(staged)}`] : []),
		...suspended.map(({sql}) => sql),
	];
}

/** Returns the guards between the copy of a table and the drop of the old one. @param definition the new one */
export function checkCopy({table, temporaryName, object}: RewriteStep, definition: Table, guards: GuardTable): readonly string[] {
	const counts = `(SELECT (SELECT count(*) FROM ${quoted(table)}) AS n, (SELECT count(*) FROM ${quoted(temporaryName)}) AS now) WHERE now <> n`;
	return [
		failIf(guards, `the copy of ${table} has another number of rows`, counts),
		...failIfNotFitting({...definition, name: object}, temporaryName, guards),
	];
}

/** Returns a drop of a table that keeps all rows of other tables even if foreign keys are on. */
export function dropScript(table: string, statements: readonly string[], context: ScriptContext): readonly string[] {
	const {open, close, suspended} = removed(table, context);
	return [...dropTriggers(suspended), ...open, ...statements, ...close, ...suspended.map(({sql}) => sql)];
}

/** Returns the statements around the DROP of a table: with foreign keys on, it first deletes all rows (https://www.sqlite.org/lang_droptable.html). */
function removed(table: string, context: ScriptContext): Shields {
	const children = childrenOf(context.schema, table);
	const self = children.find((child) => sameName(child.table.name, table));
	const dropped = findTable(context.schema, table);
	// If an action follows, SQLite also compiles the table's own foreign keys.
	if (dropped !== undefined && children.some((child) => acts(child, 'onDelete'))) requireWritable(dropped, context);
	const shields = shieldsFor(
		children.filter((child) => child !== self),
		['onDelete'],
		context,
	);
	if (self === undefined) return shields;
	requireActions(self, ['onDelete'], context);
	// The rows of the table itself disappear anyway, but deleting them by their own foreign key would fire its triggers, and nest too deep in long chains.
	const own = acts(self, 'onDelete') ? triggersOf(context.schema, table) : [];
	return {
		...shields,
		open: [...dropTriggers(own), ...shields.open, ...searchIndexes(self, context).open, ...shieldTriggers(self, ['onDelete'], context).open],
	};
}

/** Returns the views that name a table, directly or through another view. Without `legacy_alter_table`, a rename fails while the table does not exist. */
function viewsOver({views}: Schema, table: string): readonly View[] {
	const names = new Set([nameKey(table)]);
	for (let size = 0; size !== names.size; ) {
		size = names.size;
		for (const {name, mentions} of views) if (mentions.some((mentioned) => names.has(mentioned))) names.add(nameKey(name));
	}
	return views.filter(({name}) => names.has(nameKey(name)));
}

/** Returns the triggers of other tables and of views that name a table or one of the views over it. */
function triggersNaming({triggers}: Schema, table: string, views: readonly View[]): readonly Trigger[] {
	const names = new Set([table, ...views.map(({name}) => name)].map(nameKey));
	return triggers.filter(
		(trigger) => !sameName(trigger.table, table) && (names.has(nameKey(trigger.table)) || trigger.mentions.some((name) => names.has(name))),
	);
}

/** Returns the triggers in the order of the schema, each once. */
function inOrder(some: readonly Trigger[], {triggers}: Schema): readonly Trigger[] {
	return triggers.filter((trigger) => some.includes(trigger));
}
