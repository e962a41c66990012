import {MigrError} from '../errors.ts';
import {isRowidAlias} from '../schema/key-columns.ts';
import {findColumn, findTable} from '../schema/lookup.ts';
import type {ForeignKey, Schema, Table} from '../schema/schema.ts';
import {clean} from '../text/clean.ts';
import {type ActionKind, type Child, changesChild, childrenOf, isAction, isMismatch} from './references.ts';
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

/** @throws MigrError `plan` if an action of the child's keys would fail before a shield can stop it, or if the keys cannot be enforced */
export function requireActions(child: Child, kinds: readonly ActionKind[], context: Pick<ScriptContext, 'schema' | 'engine'>): void {
	if (context.engine.foreignKeysOff) return;
	requireKeys([child], context.schema);
	if (kinds.some((kind) => child.keys.some((key) => isAction(key[kind])))) requireWritable(child.table, context);
	const fixed = child.keys.find((key) => kinds.some((kind) => changesChild(key, kind)) && key.columns.some((name) => isNeverSet(child.table, name)));
	if (fixed !== undefined) throw refused(child.table, fixed, 'its action would set a generated column or the rowid');
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
