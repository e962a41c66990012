import {readIndex, readStatement} from '../../ddl/read.ts';
import type {Operation} from '../../operations/operation.ts';
import {nameKey} from '../../schema/identifiers.ts';
import {findTable, indexesOf} from '../../schema/lookup.ts';
import {emptySchema, type Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {introspectAgain} from '../../sqlite/introspect.ts';
import type {ParkedSchema} from '../../sqlite/parked-schema.ts';
import {checkReadAgain} from './target-check.ts';

/**
 * Returns the planned schema after new tables, indexes and columns, with the texts that SQLite stores. Later changes edit these texts, so the result must
 * not depend on how many migrations run together.
 *
 * SQLite writes the beginning of each CREATE statement itself, and columns that name each other may be added in another order. A definition is read only
 * if its text can differ.
 *
 * @throws MigrError `guard` if a definition that was read differs in more than its text
 */
export function withStoredText(db: Database, planned: Schema, operations: readonly Operation[], parked: ParkedSchema | undefined): Schema {
	const owners = new Set(operations.flatMap((operation) => (isStoredAsPlanned(operation) ? [] : ownersOf(operation))).map(nameKey));
	if (owners.size === 0) return planned;
	const read = introspectAgain(db, planned, owners, parked);
	checkReadAgain(partOf(read, owners), partOf(planned, owners));
	return read;
}

function partOf(schema: Schema, owners: ReadonlySet<string>): Schema {
	const names = [...owners];
	return {
		...emptySchema,
		tables: names.flatMap((name) => findTable(schema, name) ?? []),
		indexes: names.flatMap((name) => indexesOf(schema, name)),
	};
}

function isStoredAsPlanned(operation: Operation): boolean {
	if (operation.kind === 'addColumn') return !/\b(?:as|check)\b/i.test(operation.definition);
	return 'sql' in operation && storedForm.test(operation.sql);
}

const storedForm = /^CREATE (?:TABLE|INDEX|UNIQUE INDEX) (?:\w+|"[^"]*"|`[^`]*`|\[[^\]]*\]) ?(?:\(|ON\b).*[)\w]$/s;

function ownersOf(operation: Operation): readonly string[] {
	if (operation.kind === 'createIndex') return [readIndex(operation.sql).table];
	if (operation.kind === 'createTable') return [readStatement(operation.sql)?.name ?? ''];
	return 'table' in operation ? [operation.table] : [];
}
