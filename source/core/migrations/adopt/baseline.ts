import {unlinkSync} from 'node:fs';
import {diff} from '../../diff/diff.ts';
import type {Decisions} from '../../diff/question.ts';
import {MigrError} from '../../errors.ts';
import {emptySchema, type Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {openDatabase} from '../../sqlite/open.ts';
import {clean} from '../../text/clean.ts';
import type {Draft} from '../draft/draft.ts';
import type {StatedAnswers} from '../draft/unused-decisions.ts';
import {createMigrationFile} from '../files/create-file.ts';
import {checksumOf, type MigrationFile} from '../files/list.ts';
import {loadMigrations} from '../files/load.ts';
import {requireMigrationName, shortName} from '../files/names.ts';
import {type MigrationFormat, writeMigration} from '../files/write.ts';
import {foreignToolsIn} from '../history/foreign-tools.ts';
import {recordAdopted, recordChecksum} from '../history/history.ts';
import {managedSchema} from '../history/managed-schema.ts';
import {type ProjectState, projectState} from '../history/state.ts';
import {replay, replayFromNothing} from '../replay/replay.ts';
import {requireSameSchema} from '../replay/require-same-schema.ts';
import {driftMigration} from './drift-migration.ts';

export interface BaselineRequest {
	readonly dbPath: string;
	readonly migrationsDir: string;
	readonly ignore: readonly string[];
	/** Seconds to wait for a lock. */
	readonly wait: number;
	readonly format: MigrationFormat;
	/** Of a new migration, or of one that is there and makes just this schema. */
	readonly name: string;
	/** Whether what differs from the migrations was renamed, and what fills it elsewhere; drops are no question, since what is gone is gone. */
	readonly decisions: Decisions;
	/** Those of them that a file states. */
	readonly answers: StatedAnswers | undefined;
	readonly now: Date;
	readonly toolVersion: string;
}

export interface Baselined {
	/** The migrations that count as applied now, and did not before. */
	readonly applied: readonly string[];
	/** The file that was written; null where those that are there make this schema. */
	readonly path: string | null;
	readonly tables: number;
	/** The applied migration whose edited file was recorded as the one that was applied. */
	readonly recorded?: string;
	/** Tools whose bookkeeping the database holds; it is left alone. */
	readonly tools: readonly {readonly tool: string; readonly tables: readonly string[]}[];
	/** What was changed by other means, where migrations were applied before. While a question of it is open, nothing is written or noted. */
	readonly drift?: Draft;
}

/**
 * Adopts what is in a database and in no migration: one is written that would make it, and noted as applied. That is the whole schema where no
 * migration was applied, otherwise what was changed by other means since. No DDL runs but that of the bookkeeping table. Where migrations are there
 * already and make just this schema, they are noted: so the next database of the same kind is adopted. The name of an applied migration whose file was
 * edited records the edited file, if the migrations still make just this schema.
 *
 * @throws MigrError `history` where there is nothing to adopt, or where the migrations that are there make another schema
 */
export async function baseline(request: BaselineRequest): Promise<Baselined> {
	requireMigrationName(request.name);
	const db = openDatabase(request.dbPath, {wait: request.wait});
	try {
		const state = projectState({db, migrationsDir: request.migrationsDir});
		const whole = introspect(db);
		const present = managedSchema(whole, request.ignore);
		const facts = {tables: present.tables.length + present.virtualTables.length, tools: foreignToolsIn(whole)};
		if (state.applied.length === 0) requireNone(request.decisions);
		const chosen = state.files.find(({name}) => name === request.name || shortName(name) === request.name);
		if (chosen !== undefined) {
			const files = state.files.filter(({name}) => name <= chosen.name);
			const applied = new Set(state.applied.map(({name}) => name));
			const rest = files.filter(({name}) => !applied.has(name));
			if (rest.length === 0) return {...facts, ...(await recordEdited(db, state, chosen, present, request.ignore))};
			await requireMade(files, present, request.ignore);
			recordAdopted(db, rest, request.toolVersion);
			return {...facts, applied: rest.map(({name}) => name), path: null};
		}
		if (state.applied.length > 0) {
			const drift = await driftMigration(db, state, request);
			if (drift.questions.length > 0) return {...facts, applied: [], path: null, drift};
			const names = state.applied.map(({name}) => name);
			return {...facts, ...writeAndNote(db, writeMigration(request.format, drift.from, drift.operations), names, request), drift};
		}
		if (state.files.length > 0) {
			const last = state.files.at(-1)?.name ?? '';
			throw new MigrError('history', `there are migrations already, and none of them is called ${clean(request.name)}`, {
				hint: `lite-migr baseline ${last} notes them as applied, if they make the schema of this database`,
			});
		}
		if (facts.tables === 0) {
			throw new MigrError('history', 'the database has no tables, so there is nothing to adopt', {
				hint: 'lite-migr create <name> makes them from the models',
			});
		}
		return {...facts, ...writeAndNote(db, await wholeMigration(present, request), [], request)};
	} finally {
		db.close();
	}
}

/** Nothing is asked of a database whose schema becomes a migration whole. */
function requireNone({renames, drops, fills}: Decisions): void {
	if (renames.length + drops.length + fills.length === 0) return;
	throw new MigrError('usage', 'a baseline of the whole database asks nothing, so there is nothing to answer', {hint: 'leave the answers out'});
}

/** The text of a migration that makes the schema from nothing. */
async function wholeMigration(present: Schema, request: BaselineRequest): Promise<string> {
	const {operations} = diff(emptySchema, present);
	const made = await replay(emptySchema, [{name: request.name, path: request.migrationsDir, operations}]);
	requireSameSchema(managedSchema(made.schema, request.ignore), present, 'the schema of the database cannot be written as a migration');
	return writeMigration(request.format, emptySchema, operations);
}

function writeAndNote(db: Database, text: string, appliedBefore: readonly string[], request: BaselineRequest): Pick<Baselined, 'applied' | 'path'> {
	const file = createMigrationFile(request.migrationsDir, request.name, request.format, text, request.now, appliedBefore);
	try {
		recordAdopted(db, [{name: file.name, checksum: checksumOf(text)}], request.toolVersion);
	} catch (error) {
		unlinkSync(file.path);
		throw error;
	}
	return {applied: [file.name], path: file.path};
}

/**
 * Records an applied migration whose file was edited, if the migrations still build this schema.
 *
 * @throws MigrError `history` if the file is unchanged, or if the applied migrations build another schema now
 */
async function recordEdited(
	db: Database,
	{applied, edited, files}: ProjectState,
	chosen: MigrationFile,
	present: Schema,
	ignore: readonly string[],
): Promise<Pick<Baselined, 'applied' | 'path' | 'recorded'>> {
	if (!edited.includes(chosen.name)) {
		throw new MigrError('history', `${chosen.name} is applied already`, {hint: 'for a new migration, choose another name'});
	}
	const names = new Set(applied.map(({name}) => name));
	await requireMade(
		files.filter(({name}) => names.has(name)),
		present,
		ignore,
	);
	recordChecksum(db, chosen);
	return {applied: [], path: null, recorded: chosen.name};
}

async function requireMade(files: readonly MigrationFile[], present: Schema, ignore: readonly string[]): Promise<void> {
	const {schema} = await replayFromNothing(await loadMigrations(files));
	requireSameSchema(managedSchema(schema, ignore), present, 'the migrations make another schema than that of the database');
}
