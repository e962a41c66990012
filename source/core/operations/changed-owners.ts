import {isTemporary} from '../ddl/create-head.ts';
import {cursorOver, isWord, qualifiedName} from '../ddl/cursor.ts';
import type {Token} from '../ddl/lexer.ts';
import {readStatement} from '../ddl/read.ts';
import {changesSchema} from '../ddl/statements/changes-schema.ts';
import {MigrError} from '../errors.ts';
import {nameKey} from '../schema/identifiers.ts';
import {findIndex, findTrigger, indexesOf, triggersOf} from '../schema/lookup.ts';
import type {Schema, SchemaObject} from '../schema/schema.ts';
import type {Operation} from './operation.ts';

/**
 * Returns the tables and views whose definition, indexes or triggers operations may change, in lower case. Only their rows of `sqlite_schema` have to
 * be read again. Returns undefined if the operations may change any row, or the place of one: renames, virtual tables, and statements that are not
 * plain DDL.
 *
 * @param before the schema before the operations
 * @param runsStatements false if statements about rows and code are skipped, as in a replay
 */
export function changedOwners(
	before: Schema,
	operations: readonly Operation[],
	{runsStatements}: {readonly runsStatements: boolean},
): ReadonlySet<string> | undefined {
	// Creating or dropping a virtual table creates or drops its shadow tables.
	if (before.virtualTables.length > 0) return undefined;
	const changes: Changes = {before, owners: new Set(), created: new Set(), dropped: new Set()};
	for (const operation of operations) if (!addOperation(changes, operation, runsStatements)) return undefined;
	// An object that is dropped and created again moves to the end of the schema.
	return [...changes.created].some((name) => changes.dropped.has(name)) ? undefined : changes.owners;
}

interface Changes {
	readonly before: Schema;
	readonly owners: Set<string>;
	/** Names of objects that are created, and of objects that are dropped. */
	readonly created: Set<string>;
	readonly dropped: Set<string>;
}

/** Returns false if the operation may change any row. */
function addOperation(changes: Changes, operation: Operation, runsStatements: boolean): boolean {
	switch (operation.kind) {
		case 'createTable':
		case 'createView':
		case 'createIndex':
		case 'createTrigger':
			return addCreated(changes, readStatement(operation.sql));
		case 'addColumn':
		case 'dropColumn':
			return addOwner(changes, operation.table);
		case 'changeTable':
			return operation.dropsIndexes !== true && addOwner(changes, operation.table);
		case 'dropTable':
			return addDropped(changes, 'TABLE', operation.table);
		case 'dropView':
			return addDropped(changes, 'VIEW', operation.view);
		case 'dropIndex':
			return addDropped(changes, 'INDEX', operation.index);
		case 'dropTrigger':
			return addDropped(changes, 'TRIGGER', operation.trigger);
		case 'execute':
			return changesSchema(operation.sql) ? addStatement(changes, operation.sql) : !runsStatements;
		case 'run':
			return !runsStatements;
		case 'renameTable':
		case 'renameColumn':
			return false;
	}
}

function addOwner({owners}: Changes, name: string): boolean {
	owners.add(nameKey(name));
	return true;
}

function addCreated(changes: Changes, object: SchemaObject | undefined): boolean {
	if (object === undefined || object.kind === 'virtualTable') return false;
	changes.created.add(nameKey(object.name));
	return addOwner(changes, object.kind === 'index' || object.kind === 'trigger' ? object.table : object.name);
}

function addDropped(changes: Changes, kind: string, name: string): boolean {
	changes.dropped.add(nameKey(name));
	if (kind !== 'INDEX' && kind !== 'TRIGGER') {
		const {before, dropped} = changes;
		for (const along of [...indexesOf(before, name), ...triggersOf(before, name)]) dropped.add(nameKey(along.name));
		return addOwner(changes, name);
	}
	const found = kind === 'INDEX' ? findIndex(changes.before, name) : findTrigger(changes.before, name);
	return found === undefined || addOwner(changes, found.table);
}

/** Adds what a plain CREATE, ALTER TABLE … ADD or DROP statement changes. */
function addStatement(changes: Changes, sql: string): boolean {
	const {tokens} = cursorOver(sql);
	if (isWord(tokens[0], 'CREATE')) return addCreated(changes, createdBy(sql));
	if (isWord(tokens[0], 'ALTER') && isWord(tokens[1], 'TABLE')) {
		const table = qualifiedName(tokens, 2);
		return table !== undefined && isWord(tokens[table.next], 'ADD') && addOwner(changes, table.name);
	}
	const kind = ['TABLE', 'VIEW', 'INDEX', 'TRIGGER'].find((word) => isWord(tokens[1], word));
	if (!isWord(tokens[0], 'DROP') || kind === undefined) return false;
	const name = droppedName(tokens);
	return name !== undefined && addDropped(changes, kind, name);
}

function droppedName(tokens: readonly Token[]): string | undefined {
	return qualifiedName(tokens, isWord(tokens[2], 'IF') && isWord(tokens[3], 'EXISTS') ? 4 : 2)?.name;
}

/** Returns the object that a CREATE statement creates in the main schema. Undefined for CREATE TABLE … AS, and if it cannot be read. */
function createdBy(sql: string): SchemaObject | undefined {
	try {
		return isTemporary(sql) ? undefined : readStatement(sql);
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		return undefined;
	}
}
