import {unlinkSync} from 'node:fs';
import type {FileFormat} from '../../config/config.ts';
import {diff} from '../../diff/diff.ts';
import type {Decisions} from '../../diff/question.ts';
import {MigrError} from '../../errors.ts';
import type {Operation} from '../../operations/operation.ts';
import {emptySchema, type Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {clean} from '../../text/clean.ts';
import type {Draft} from '../draft/draft.ts';
import type {StatedAnswers} from '../draft/unused-decisions.ts';
import {wranglerMigration} from '../draft/wrangler-migration.ts';
import {type CreatedFile, createMigrationFile} from '../files/create-file.ts';
import {checksumOf, type MigrationFile} from '../files/list.ts';
import {requireMigrationName, shortName} from '../files/names.ts';
import {withSingleQuotes} from '../files/readable-schema.ts';
import {loadMigrations, migrationsIn} from '../files/source.ts';
import {writeMigration} from '../files/write.ts';
import {foreignToolsIn} from '../history/foreign-tools.ts';
import {recordAdopted, recordChecksum} from '../history/history.ts';
import {managedSchema} from '../history/managed-schema.ts';
import {type ProjectState, projectState} from '../history/state.ts';
import {lockOf, type RecordingRequest, withHistory} from '../project.ts';
import {replay, replayFromNothing} from '../replay/replay.ts';
import {requireSameSchema} from '../replay/require-same-schema.ts';
import {driftMigration} from './drift-migration.ts';

export interface BaselineRequest extends RecordingRequest {
	readonly migrationsDir: string;
	/** Set if wrangler's table is the history. */
	readonly wranglerTable?: string | undefined;
	readonly ignore: readonly string[];
	readonly format: FileFormat;
	/** The name of a new migration, or of an existing one that creates exactly this schema. */
	readonly name: string;
	/** Renames and fills for the changes made outside lite-migr. Drops need no answer, because the objects no longer exist. */
	readonly decisions: Decisions;
	/** The decisions that come from an answers file. */
	readonly answers: StatedAnswers | undefined;
	readonly now: Date;
	readonly toolVersion: string;
}

export interface Baselined {
	/** The migrations that this call marked as applied. */
	readonly applied: readonly string[];
	/** The new file. Null if existing migrations create this schema. */
	readonly path: string | null;
	readonly tables: number;
	/** The applied migration whose edited file was recorded. */
	readonly recorded?: string;
	/** Other tools whose migration tables are in the database. These tables do not change. */
	readonly tools: readonly {readonly tool: string; readonly tables: readonly string[]}[];
	/** The changes made outside lite-migr, if migrations were already applied. While a question is open, nothing is written or recorded. */
	readonly drift?: Draft;
}

/**
 * Adopts the objects of a database that are not in any migration: writes a migration that would create them, and marks it as applied. If no migration
 * is applied, the new migration contains the whole schema. Otherwise, it contains the changes made outside lite-migr. The only DDL that runs is that of
 * the history table.
 *
 * If `name` is an existing migration, no file is written:
 *
 * - If it is pending, it and the pending ones before it are marked as applied. They must build exactly this schema. This adopts another database with
 *   the same schema.
 * - If it is applied and its file was edited, the edited file is recorded. The migrations must still build exactly this schema.
 *
 * @throws MigrError `history` if there is nothing to adopt, or if the existing migrations build another schema
 */
export async function baseline(request: BaselineRequest): Promise<Baselined> {
	requireMigrationName(request.name);
	return await withHistory(request, (db) => adopted(db, request));
}

async function adopted(db: Database, request: BaselineRequest): Promise<Baselined> {
	const state = projectState(migrationsIn(request.migrationsDir, request.wranglerTable), db);
	const stored = introspect(db);
	const present = managedSchema(stored, request.ignore);
	const facts = {tables: present.tables.length + present.virtualTables.length, tools: foreignToolsIn(stored)};
	if (state.applied.length === 0) requireNone(request.decisions);
	const chosen = state.files.find(({name}) => name === request.name || shortName(name) === request.name);
	if (chosen !== undefined) {
		const files = state.files.filter(({name}) => name <= chosen.name);
		const applied = new Set(state.applied.map(({name}) => name));
		const rest = files.filter(({name}) => !applied.has(name));
		if (rest.length === 0) return {...facts, ...(await recordEdited(db, state, chosen, present, request))};
		requireSameSchema(withSingleQuotes(await schemaOf(state, files, request.ignore)), withSingleQuotes(present), differentSchema);
		await recordAdopted(db, rest, {...request, seen: state.applied.map(({name}) => name)}, lockOf(request));
		return {...facts, applied: rest.map(({name}) => name), path: null};
	}
	if (state.applied.length > 0) {
		const drift = await driftMigration(db, state, request);
		if (drift.questions.length > 0) return {...facts, applied: [], path: null, drift};
		return {...facts, ...(await writeAndRecord(db, await textOf(request, drift.from, drift.operations), state, request)), drift};
	}
	if (state.files.length > 0) {
		const last = state.files.at(-1)?.name ?? '';
		throw new MigrError('history', `the project already has migrations, but none is called ${clean(request.name)}`, {
			hint: `if they create the schema of this database, run lite-migr baseline ${last} to mark them as applied`,
		});
	}
	if (facts.tables === 0) {
		throw new MigrError('history', 'the database has no tables, so there is nothing to adopt', {
			hint: 'to create tables from the models, run lite-migr create <name>',
		});
	}
	return {...facts, ...(await writeAndRecord(db, await wholeMigration(present, request), state, request))};
}

/** Rejects decisions. A baseline of the whole schema has no questions. */
function requireNone({renames, drops, fills}: Decisions): void {
	if (renames.length + drops.length + fills.length === 0) return;
	throw new MigrError('usage', 'a baseline of the whole database has no questions to answer', {hint: 'remove the answers'});
}

/** Returns the text of a migration that creates the whole schema, with the strings in single quotes that SQLite creates. */
async function wholeMigration(present: Schema, request: BaselineRequest): Promise<string> {
	const writable = withSingleQuotes(present);
	const {operations} = diff(emptySchema, writable);
	const built = await replay(emptySchema, [{name: request.name, path: request.migrationsDir, operations}]);
	requireSameSchema(managedSchema(built.schema, request.ignore), writable, 'the schema of the database cannot be written as a migration');
	return await textOf(request, emptySchema, operations);
}

/** A file for wrangler gets no downgrade: its history cannot record that the migration never ran, so undoing it would drop the adopted tables. */
async function textOf({format}: BaselineRequest, from: Schema, operations: readonly Operation[]): Promise<string> {
	return format === 'wrangler' ? (await wranglerMigration(from, operations)).text : writeMigration(format, from, operations);
}

async function writeAndRecord(
	db: Database,
	text: string,
	state: ProjectState,
	request: BaselineRequest,
): Promise<Pick<Baselined, 'applied' | 'path'>> {
	const applied = state.applied.map(({name}) => name);
	const seen = state.files.map(({name}) => name);
	const created: CreatedFile[] = [];
	const create = () => {
		const file = createMigrationFile({directory: request.migrationsDir, format: request.format, text}, {...request, applied, seen});
		created.push(file);
		return [{name: file.name, checksum: checksumOf(text)}];
	};
	try {
		// The file is created last, so a run in another process does not read it unless it is recorded.
		await recordAdopted(db, create, {...request, seen: applied}, lockOf(request));
	} catch (error) {
		for (const {path} of created) unlinkSync(path);
		throw error;
	}
	return {applied: created.map(({name}) => name), path: created[0]?.path ?? null};
}

/**
 * Records an applied migration whose file was edited, if the migrations still build this schema.
 *
 * @throws MigrError `history` if the file is unchanged, or if the applied migrations now build another schema
 */
async function recordEdited(
	db: Database,
	state: ProjectState,
	chosen: MigrationFile,
	present: Schema,
	request: BaselineRequest,
): Promise<Pick<Baselined, 'applied' | 'path' | 'recorded'>> {
	const {applied, edited, files} = state;
	if (!edited.includes(chosen.name)) {
		throw new MigrError('history', `${chosen.name} is already applied`, {hint: 'choose another name for a new migration'});
	}
	const names = new Set(applied.map(({name}) => name));
	const made = await schemaOf(
		state,
		files.filter(({name}) => names.has(name)),
		request.ignore,
	);
	requireSameSchema(withSingleQuotes(made), withSingleQuotes(present), differentSchema);
	await recordChecksum(db, chosen, lockOf(request));
	return {applied: [], path: null, recorded: chosen.name};
}

const differentSchema = 'the migrations do not build the schema of the database';

/** Returns the schema that migrations build from scratch. */
async function schemaOf({source}: ProjectState, files: readonly MigrationFile[], ignore: readonly string[]): Promise<Schema> {
	const {schema} = await replayFromNothing(await loadMigrations(source, files));
	return managedSchema(schema, ignore);
}
