import {MigrError} from '../errors.ts';
import {nameKey} from '../schema/identifiers.ts';
import {isRowidAlias} from '../schema/key-columns.ts';
import {findColumn, findTable} from '../schema/lookup.ts';
import type {ForeignKey, Schema, Table} from '../schema/schema.ts';
import {clean} from '../text/clean.ts';
import {type ActionKind, type Child, changesChild, childrenOf, isMismatch} from './references.ts';
import type {ScriptContext} from './script-context.ts';

/**
 * How to read this file: with foreign keys on, SQLite refuses every statement that writes a table with a foreign key that it cannot enforce
 * (https://www.sqlite.org/foreignkeys.html#fk_schemacommands). Where foreign keys cannot be switched off, a script with such a statement is refused before
 * anything is sent. Elsewhere, foreign keys are off when it runs.
 */

/** @throws MigrError `plan` if a table cannot be written because of one of its foreign keys, or one that refers to it */
export function requireWritable(table: Table, {schema, engine}: Pick<ScriptContext, 'schema' | 'engine'>): void {
	if (!engine.foreignKeysOff) requireKeys([{table, keys: table.foreignKeys}, ...childrenOf(schema, table.name)], schema);
}

/**
 * SQLite compiles the actions of a child's keys, and the actions that these have on other tables, before a shield can stop them.
 *
 * @throws MigrError `plan` if one of them cannot be compiled, or if a key cannot be enforced
 */
export function requireActions(
	child: Child,
	kinds: readonly ActionKind[],
	context: Pick<ScriptContext, 'schema' | 'engine'>,
	seen: readonly string[] = [],
): void {
	const {schema, engine} = context;
	if (engine.foreignKeysOff) return;
	requireKeys([child], schema);
	const {table, keys} = child;
	const fixed = keys.find((key) => kinds.some((kind) => changesChild(key, kind)) && key.columns.some((name) => isNeverSet(table, name)));
	if (fixed !== undefined) throw refused(table, fixed, 'its action would set a generated column or the rowid');
	const deletes = kinds.includes('onDelete') && keys.some(({onDelete}) => onDelete === 'CASCADE');
	const changes = keys.some((key) => kinds.some((kind) => changesChild(key, kind)));
	if (!deletes && !changes) return;
	requireWritable(table, context);
	const next = [...(deletes ? ['onDelete' as const] : []), ...(changes ? ['onUpdate' as const] : [])];
	if (seen.includes(nameKey(table.name))) return;
	for (const grandchild of childrenOf(schema, table.name)) requireActions(grandchild, next, context, [...seen, nameKey(table.name)]);
}

function requireKeys(children: readonly Child[], schema: Schema): void {
	for (const {table, keys} of children) {
		for (const key of keys) {
			if (findTable(schema, key.parent) === undefined) throw refused(table, key, `there is no table ${clean(key.parent)}`);
			if (isMismatch(schema, key)) throw refused(table, key, `the columns it refers to are not a key of ${clean(key.parent)}`);
		}
	}
}

/** True for a column that no action can set. SQLite then fails before a trigger runs. */
function isNeverSet(table: Table, name: string): boolean {
	const column = findColumn(table, name);
	return column !== undefined && (column.generated !== undefined || isRowidAlias(table, column));
}

function refused(table: Table, key: ForeignKey, why: string): MigrError {
	return new MigrError('plan', `the foreign key of ${clean(table.name)} (${key.columns.map(clean).join(', ')}) cannot be enforced: ${why}`, {
		location: {table: table.name},
		hint: 'foreign keys are always on there: remove or correct this foreign key first, in its own migration',
	});
}
