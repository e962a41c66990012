import type {SchemaRow} from '../../ddl/read.ts';
import {quoted} from '../../schema/identifiers.ts';
import {emptySchema, type Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {schemaOf, storedRows} from '../../sqlite/introspect.ts';
import {areWithoutRows, createsRows, dependsOnTime, type HistoryParts} from '../files/history-key.ts';
import type {MigrationFile} from '../files/list.ts';
import {type RememberedSchema, remember, type SchemaMemory} from '../files/schema-memory.ts';
import {loadMigrations, type MigrationSource} from '../files/source.ts';
import {buildNewDatabase, type NewDatabase} from './new-database.ts';
import {replay, upgradesOf} from './replay.ts';

/** Builds the schema of a history that is not remembered, and remembers it. Loaded only if needed, because it loads most of lite-migr. */

/** The schema that migrations build, as rows of `sqlite_schema`. The text is often all that is needed, so it is read as a schema on demand. */
export interface BuiltSchema {
	/** Without internal objects of SQLite. */
	readonly rows: readonly SchemaRow[];
	readonly schema: Schema;
}

/** The result of `buildNewDatabase`, and the rows of its schema. */
export interface BuiltDatabase extends NewDatabase {
	/** Undefined if there is no schema. */
	readonly rows: readonly SchemaRow[] | undefined;
}

/** The remembered part of a history. */
export interface KnownPart {
	readonly memory?: SchemaMemory | undefined;
	/** Undefined if nothing can be remembered. */
	readonly parts?: HistoryParts | undefined;
	readonly prefix: RememberedSchema | undefined;
}

/** Replays the migrations after a remembered prefix, and remembers the result. @throws MigrError like `replay` */
export async function replayAfter(
	source: MigrationSource,
	files: readonly MigrationFile[],
	{prefix, memory, parts}: KnownPart,
): Promise<BuiltSchema> {
	const migrations = await loadMigrations(source, files.slice(prefix?.length ?? 0));
	let rows: readonly SchemaRow[] = [];
	let mayRemember = true;
	const operations = migrations.flatMap(({upgrade}) => upgrade);
	const {schema} = await replay(prefix === undefined ? emptySchema : schemaOf(prefix.rows), upgradesOf(migrations), {
		onDone(db) {
			rows = storedRows(db);
			// The next migrations could fail on rows that a copy of the schema would not have.
			mayRemember = !operations.some(createsRows) || !hasRows(db, rows);
		},
	});
	if (memory !== undefined && parts !== undefined && mayRemember && operations.length + rows.length >= memory.minWeight) {
		remember(memory, 'replay', parts, {rows, isWithoutRows: true});
	}
	return {rows, schema};
}

/** Builds a new database from the migrations after a remembered prefix, and remembers the result if it has no problems. */
export async function buildAfter(
	source: MigrationSource,
	files: readonly MigrationFile[],
	{prefix, memory, parts}: KnownPart,
): Promise<BuiltDatabase> {
	const migrations = await loadMigrations(source, files.slice(prefix?.length ?? 0));
	let rows: readonly SchemaRow[] | undefined;
	const {schema, problems} = await buildNewDatabase(migrations, {
		from: prefix === undefined ? emptySchema : schemaOf(prefix.rows),
		onDone(db) {
			rows = storedRows(db);
		},
	});
	const operations = migrations.flatMap(({upgrade}) => upgrade);
	const isLasting = schema !== undefined && problems.length === 0 && !operations.some(dependsOnTime);
	if (memory !== undefined && parts !== undefined && rows !== undefined && isLasting && operations.length + rows.length >= memory.minWeight) {
		remember(memory, 'new', parts, {rows, isWithoutRows: areWithoutRows(operations)});
	}
	return {schema, problems, rows: schema === undefined ? undefined : rows};
}

function hasRows(db: Database, rows: readonly SchemaRow[]): boolean {
	const tables = rows.filter(({type, sql}) => type === 'table' && !/^create\s+virtual\b/i.test(sql ?? ''));
	return tables.some(({name}) => db.value(`SELECT 1 FROM ${quoted(name)} LIMIT 1`) !== undefined);
}
