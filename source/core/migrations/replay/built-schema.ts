import type {SchemaRow} from '../../ddl/read.ts';
import {MigrError} from '../../errors.ts';
import {quoted} from '../../schema/identifiers.ts';
import {emptySchema, type Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {schemaOf, schemaRows} from '../../sqlite/introspect.ts';
import {areWithoutRows, createsRows, dependsOnTime, type HistoryParts, partsOf, partsOfTexts} from '../files/history-key.ts';
import type {MigrationFile} from '../files/list.ts';
import {type MemoryKind, type RememberedSchema, remember, remembered, type SchemaMemory} from '../files/schema-memory.ts';
import {loadMigrations, type MigrationSource} from '../files/source.ts';
import {buildNewDatabase, type NewDatabase} from './new-database.ts';
import {replay, upgradesOf} from './replay.ts';

/** The schema that migrations build, as rows of `sqlite_schema`. The text is often all that is needed, so it is read as a schema on demand. */
export interface BuiltSchema {
	/** Without internal objects of SQLite. */
	readonly rows: readonly SchemaRow[];
	readonly schema: Schema;
}

/**
 * Returns the schema that migrations build from an empty database, in this order, without statements about rows. Only the migrations after the longest
 * remembered prefix are loaded and replayed.
 *
 * @throws MigrError with file and line, like a replay of all of them
 */
export async function builtSchema(source: MigrationSource, files: readonly MigrationFile[]): Promise<BuiltSchema> {
	const known = await knownPart(source, 'replay', files);
	if (known.prefix?.length === files.length) return built(known.prefix.rows);
	return (await continued(known, () => replayAfter(source, files, known))) ?? (await replayAfter(source, files, {...known, prefix: undefined}));
}

async function replayAfter(source: MigrationSource, files: readonly MigrationFile[], {prefix, memory, parts}: KnownPart): Promise<BuiltSchema> {
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

/**
 * Builds a new database from migrations, like `buildNewDatabase`. If the result is remembered, no migration is loaded. Only a result without problems is
 * remembered.
 */
export async function builtDatabase(source: MigrationSource, files: readonly MigrationFile[]): Promise<BuiltDatabase> {
	const known = await knownPart(source, 'new', files);
	if (known.prefix?.length === files.length) {
		const {rows} = known.prefix;
		return {problems: [], rows, schema: schemaOf(rows)};
	}
	const prefix = known.prefix?.isWithoutRows === true ? known.prefix : undefined;
	const result = await continued({prefix}, () => buildAfter(source, files, {...known, prefix}));
	return result?.problems.length === 0 ? result : await buildAfter(source, files, {...known, prefix: undefined});
}

/** The result of `buildNewDatabase`, and the rows of its schema. */
export interface BuiltDatabase extends NewDatabase {
	/** Undefined if there is no schema. */
	readonly rows: readonly SchemaRow[] | undefined;
}

async function buildAfter(source: MigrationSource, files: readonly MigrationFile[], {prefix, memory, parts}: KnownPart): Promise<BuiltDatabase> {
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

interface KnownPart {
	readonly memory?: SchemaMemory | undefined;
	/** Undefined if nothing can be remembered. */
	readonly parts?: HistoryParts | undefined;
	readonly prefix: RememberedSchema | undefined;
}

/** Finds the longest remembered prefix. Loads modules that are code only if the history is not remembered as constant text. */
async function knownPart(source: MigrationSource, kind: MemoryKind, files: readonly MigrationFile[]): Promise<KnownPart> {
	const {memory} = source;
	if (memory === undefined || files.length === 0) return {prefix: undefined};
	const whole = remembered(memory, kind, partsOfTexts(files));
	if (whole?.length === files.length) return {prefix: whole};
	const parts = await ifLoaded(() => partsOf(files, (file) => source.load(file)));
	return {memory, parts, prefix: parts === undefined ? undefined : remembered(memory, kind, parts)};
}

/** Returns undefined if a migration cannot be loaded. What is done next loads them all and reports it. */
async function ifLoaded<T>(work: () => Promise<T>): Promise<T | undefined> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof MigrError) return undefined;
		throw error;
	}
}

/** Runs the migrations after a remembered prefix. Returns undefined if there is none, or if they fail: a run of all migrations reports that. */
async function continued<T>({prefix}: Pick<KnownPart, 'prefix'>, work: () => Promise<T>): Promise<T | undefined> {
	return prefix === undefined ? undefined : await ifLoaded(work);
}

function built(rows: readonly SchemaRow[]): BuiltSchema {
	let schema: Schema | undefined;
	return {
		rows,
		get schema() {
			schema ??= schemaOf(rows);
			return schema;
		},
	};
}

/** Returns the rows of a database that belong to a schema: without the internal objects and automatic indexes of SQLite. */
export function storedRows(db: Database): readonly SchemaRow[] {
	return schemaRows(db).filter(({name, sql}) => sql !== null && !/^sqlite_/i.test(name));
}

function hasRows(db: Database, rows: readonly SchemaRow[]): boolean {
	const tables = rows.filter(({type, sql}) => type === 'table' && !/^create\s+virtual\b/i.test(sql ?? ''));
	return tables.some(({name}) => db.value(`SELECT 1 FROM ${quoted(name)} LIMIT 1`) !== undefined);
}
