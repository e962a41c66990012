import type {SchemaRow} from '../../ddl/read.ts';
import {MigrError} from '../../errors.ts';
import type {Schema} from '../../schema/schema.ts';
import {schemaOf} from '../../sqlite/introspect.ts';
import {partsOf, partsOfTexts} from '../files/history-key.ts';
import type {MigrationFile} from '../files/list.ts';
import {type MemoryKind, remembered} from '../files/schema-memory.ts';
import type {MigrationSource} from '../files/source.ts';
import type {BuiltDatabase, BuiltSchema, KnownPart} from './build-history.ts';

export type {BuiltDatabase, BuiltSchema} from './build-history.ts';

/**
 * Returns the schema that migrations build from an empty database, in this order, without statements about rows. Only the migrations after the longest
 * remembered prefix are loaded and replayed.
 *
 * @throws MigrError with file and line, like a replay of all of them
 */
export async function builtSchema(source: MigrationSource, files: readonly MigrationFile[]): Promise<BuiltSchema> {
	const known = await knownPart(source, 'replay', files);
	if (known.prefix?.length === files.length) return built(known.prefix.rows);
	const {replayAfter} = await import('./build-history.ts');
	return (await continued(known, () => replayAfter(source, files, known))) ?? (await replayAfter(source, files, {...known, prefix: undefined}));
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
	const {buildAfter} = await import('./build-history.ts');
	const prefix = known.prefix?.isWithoutRows === true ? known.prefix : undefined;
	const result = await continued({prefix}, () => buildAfter(source, files, {...known, prefix}));
	return result?.problems.length === 0 ? result : await buildAfter(source, files, {...known, prefix: undefined});
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

/** Returns undefined if a migration cannot be loaded. The next step loads all of them and reports the error. */
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
