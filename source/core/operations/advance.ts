import {isConditional, isTemporary, unconditional} from '../ddl/create-head.ts';
import {readColumn, readStatement} from '../ddl/read.ts';
import {withName} from '../ddl/render.ts';
import {MigrError} from '../errors.ts';
import {sameName} from '../schema/identifiers.ts';
import {isRowidName} from '../schema/key-columns.ts';
import {findIndex, findTable, findTrigger, findView, findVirtualTable, indexesOf, replacedIn, triggersOf, withoutIn} from '../schema/lookup.ts';
import type {Index, Schema, SchemaObject, Table} from '../schema/schema.ts';
import {addColumn, dropColumn} from './advance-columns.ts';
import {renameColumn, renameTable} from './advance-renames.ts';
import {cannotApply, nameTaken, replaceTable, tableFor} from './fit.ts';
import type {AddColumn, ChangeTable, DropTable, Operation} from './operation.ts';
import {requireWrittenFor} from './written-for.ts';

/**
 * Returns the schema after one operation.
 *
 * A rename does not change the text of views or of triggers on other tables: SQLite itself rewrites it when the rename is executed, and only SQLite
 * knows how (`Plan.rewritten` names them). `execute` and `run` leave the schema unchanged.
 *
 * @throws MigrError `plan` if the operation does not fit the schema: the table does not exist, a name is taken, a column is still used
 */
export function advance(schema: Schema, operation: Operation): Schema {
	const last = lastAdvance.get(schema);
	if (last?.operation === operation) return last.after;
	const after = advanced(schema, operation);
	lastAdvance.set(schema, {operation, after});
	return after;
}

/**
 * The differ, the hazards, the planner and the preview process the same operations one after the other. Only the last step is cached per schema, so
 * abandoned steps can be garbage-collected.
 */
const lastAdvance = new WeakMap<Schema, {readonly operation: Operation; readonly after: Schema}>();

function advanced(schema: Schema, operation: Operation): Schema {
	switch (operation.kind) {
		case 'createTable':
		case 'createIndex':
		case 'createView':
		case 'createTrigger':
			return create(schema, operation);
		case 'dropTable':
			return dropTable(schema, operation);
		case 'renameTable':
			return renameTable(schema, operation);
		case 'addColumn':
			return addColumnTo(schema, operation);
		case 'dropColumn':
			return replaceTable(schema, dropColumn(schema, tableFor(schema, operation), operation));
		case 'renameColumn':
			return renameColumn(schema, tableFor(schema, operation), operation);
		case 'changeTable':
			return changeTable(schema, operation);
		case 'dropIndex':
			if (operation.ifExists === true && findIndex(schema, operation.index) === undefined) return schema;
			return without(schema, 'indexes', findIndex(schema, operation.index), operation, `index ${operation.index}`);
		case 'dropView':
			return dropView(schema, operation);
		case 'dropTrigger':
			if (operation.ifExists === true && findTrigger(schema, operation.trigger) === undefined) return schema;
			return without(schema, 'triggers', findTrigger(schema, operation.trigger), operation, `trigger ${operation.trigger}`);
		case 'execute':
			requireWrittenFor(schema, operation);
			return schema;
		case 'run':
			return schema;
	}
}

/** Returns the schema after one operation, or undefined if the operation does not fit the schema. */
export function advanceIfPossible(schema: Schema, operation: Operation): Schema | undefined {
	try {
		return advance(schema, operation);
	} catch (error) {
		if (error instanceof MigrError && error.code === 'plan') return undefined;
		throw error;
	}
}

/** Returns the schema after several operations, in order. */
export function advanceAll(schema: Schema, operations: readonly Operation[]): Schema {
	return operations.reduce(advance, schema);
}

/** True if IF EXISTS or IF NOT EXISTS makes an operation do nothing on this schema. */
export function isIdle(before: Schema, operation: Operation): boolean {
	const mayBeIdle = 'ifExists' in operation || (isCreate(operation) && isConditional(operation.sql));
	return mayBeIdle && advance(before, operation) === before;
}

const creates = {
	createTable: ['table', 'virtualTable'],
	createIndex: ['index'],
	createView: ['view'],
	createTrigger: ['trigger'],
} as const satisfies Partial<Record<Operation['kind'], readonly SchemaObject['kind'][]>>;

type Create = Extract<Operation, {readonly kind: keyof typeof creates}>;

function isCreate(operation: Operation): operation is Create {
	return Object.hasOwn(creates, operation.kind);
}

function create(schema: Schema, operation: Create): Schema {
	const written = readStatement(operation.sql);
	const allowed: readonly string[] = creates[operation.kind];
	if (written === undefined || !allowed.includes(written.kind)) {
		throw cannotApply(
			operation,
			`the statement ${written === undefined ? 'is not a CREATE statement' : `creates a different kind of object: ${written.kind}`}`,
		);
	}
	if (isTemporary(operation.sql)) {
		throw cannotApply(
			operation,
			`the ${written.kind} is temporary, so it would not be stored in the database`,
			'remove TEMP, or create it with op.execute where it is used',
		);
	}
	const hasCondition = isConditional(operation.sql);
	const taken = written.kind === 'trigger' ? findTrigger(schema, written.name) : nameTaken(schema, written.name);
	if (taken?.kind === written.kind && hasCondition) return schema;
	if (taken !== undefined) throw cannotApply(operation, `the ${taken.kind} ${written.name} already exists`);
	return withCreated(schema, operation, hasCondition ? (readStatement(unconditional(operation.sql)) ?? written) : written);
}

function withCreated(schema: Schema, operation: Create, object: SchemaObject): Schema {
	switch (object.kind) {
		case 'table':
			return replacedIn(schema, 'tables', undefined, object);
		case 'virtualTable':
			return replacedIn(schema, 'virtualTables', undefined, object);
		case 'view':
			return replacedIn(schema, 'views', undefined, object);
		case 'index':
			requireIndexFits(operation, object, tableFor(schema, {...operation, table: object.table}));
			return replacedIn(schema, 'indexes', undefined, object);
		case 'trigger':
			if (findTable(schema, object.table) === undefined && findView(schema, object.table) === undefined) {
				throw cannotApply(operation, `trigger ${object.name} is on ${object.table}, which is not a table or view`);
			}
			return replacedIn(schema, 'triggers', undefined, object);
	}
}

function requireIndexFits(operation: Operation, index: Index, table: Table): void {
	for (const {column} of index.columns) {
		if (column === undefined || table.columns.some(({name}) => sameName(name, column)) || isRowidName(column)) continue;
		throw cannotApply(
			operation,
			`index ${index.name} uses ${table.name}.${column}, which does not exist`,
			`drop or change the index first: op.dropIndex('${index.name}')`,
		);
	}
}

function dropTable(schema: Schema, operation: DropTable): Schema {
	const virtual = findVirtualTable(schema, operation.table);
	if (virtual !== undefined) return replacedIn(schema, 'virtualTables', virtual, undefined);
	if (operation.ifExists === true && findTable(schema, operation.table) === undefined) return schema;
	const dropped = tableFor(schema, operation);
	const rest = withoutIn(withoutIn(schema, 'indexes', indexesOf(schema, dropped)), 'triggers', triggersOf(schema, dropped));
	return replacedIn(rest, 'tables', dropped, undefined);
}

function dropView(schema: Schema, operation: Extract<Operation, {readonly kind: 'dropView'}>): Schema {
	const dropped = findView(schema, operation.view);
	if (operation.ifExists === true && dropped === undefined) return schema;
	const rest = withoutIn(schema, 'triggers', triggersOf(schema, operation.view));
	return without(rest, 'views', dropped, operation, `view ${operation.view}`);
}

function without<Name extends keyof Schema>(
	schema: Schema,
	list: Name,
	dropped: Schema[Name][number] | undefined,
	operation: Operation,
	object: string,
): Schema {
	if (dropped === undefined) throw cannotApply(operation, `there is no ${object}`);
	return replacedIn(schema, list, dropped, undefined);
}

function addColumnTo(schema: Schema, operation: AddColumn): Schema {
	const table = tableFor(schema, operation);
	const parts = readColumn(operation.definition);
	if (table.columns.some(({name}) => sameName(name, parts.column.name))) {
		throw cannotApply(operation, `column ${table.name}.${parts.column.name} already exists`);
	}
	if (parts.primaryKey !== undefined && table.primaryKey !== undefined) {
		throw cannotApply(operation, `${table.name} already has a primary key`, `state the whole definition: op.changeTable('${table.name}', …)`);
	}
	return replaceTable(schema, addColumn(table, operation.definition, parts));
}

function changeTable(schema: Schema, operation: ChangeTable): Schema {
	const before = tableFor(schema, operation);
	requireWrittenFor(schema, operation);
	const after = readStatement(operation.sql);
	if (after?.kind !== 'table') throw cannotApply(operation, 'the definition is not a CREATE TABLE statement');
	if (!sameName(after.name, before.name)) {
		throw cannotApply(
			operation,
			`the definition is for table ${after.name}`,
			`to rename the table, call op.renameTable('${before.name}', '${after.name}') first`,
		);
	}
	for (const column of Object.keys(operation.fill)) {
		if (!after.columns.some(({name}) => sameName(name, column)))
			throw cannotApply(operation, `fill names ${before.name}.${column}, which does not exist`);
	}
	// Keeps the spelling of the table name. Only renameTable changes it.
	const changed = before.name === after.name ? after : {...after, name: before.name, sql: withName(after.sql, before.name)};
	const kept = operation.dropsIndexes === true ? withoutIn(schema, 'indexes', indexesOf(schema, before)) : schema;
	for (const index of indexesOf(kept, before)) requireIndexFits(operation, index, changed);
	return replaceTable(kept, changed);
}
