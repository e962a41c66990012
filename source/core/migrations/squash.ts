import {mkdirSync, renameSync, rmSync} from 'node:fs';
import {basename, join} from 'node:path';
import {changesSchema} from '../ddl/statements/changes-schema.ts';
import {diff} from '../diff/diff.ts';
import {MigrError} from '../errors.ts';
import {rebuiltBy} from '../operations/full-text.ts';
import type {Operation} from '../operations/operation.ts';
import {reverseAll} from '../operations/reverse.ts';
import {emptySchema} from '../schema/schema.ts';
import type {Database} from '../sqlite/database.ts';
import {writeTransaction} from '../sqlite/write-transaction.ts';
import {clean} from '../text/clean.ts';
import {plural} from '../text/numbers.ts';
import {type CreatedFile, createSquashFile} from './files/create-file.ts';
import type {MigrationFile} from './files/list.ts';
import type {Migration} from './files/migration.ts';
import {requireMigrationName} from './files/names.ts';
import {loadMigrations, type MigrationSource, migrationsIn} from './files/source.ts';
import {typescriptMigration} from './files/write-typescript.ts';
import {resolveName} from './history/select.ts';
import {settleHistory} from './history/settle.ts';
import {projectState} from './history/state.ts';
import {lockOf, openForReading, type RecordingRequest, withHistory} from './project.ts';
import {replay, replayFromNothing} from './replay/replay.ts';
import {schemaDifferences} from './replay/schema-differences.ts';

/** The database must be a file. */
export interface SquashRequest extends Omit<RecordingRequest, 'remote'> {
	readonly migrationsDir: string;
	/** The name of the new migration, without its time. */
	readonly name: string;
	/** The last migration to squash. Default: the newest applied one. */
	readonly to?: string | undefined;
	/** True to omit data changes. A new database then starts without the rows that they insert. */
	readonly withoutData: boolean;
}

export interface Squashed {
	readonly path: string;
	readonly name: string;
	/** The migrations it replaces. */
	readonly parts: readonly string[];
	/** The folder their files were moved to. */
	readonly archive: string;
	/** Names of the migrations whose data changes were omitted. */
	readonly omitted: readonly string[];
}

/** The contents of a squash, before anything is written. */
export interface SquashDraft {
	readonly parts: readonly MigrationFile[];
	readonly operations: readonly Operation[];
	readonly downgrade: readonly Operation[];
	readonly omitted: readonly string[];
}

/**
 * Combines applied migrations into one that builds the same schema from scratch, and verifies that by a replay of both. Writes nothing.
 *
 * @throws MigrError `history` if there is nothing to squash, if code cannot be squashed, or if the schemas differ
 */
export async function draftSquash(request: SquashRequest): Promise<SquashDraft> {
	requireMigrationName(request.name);
	const source = migrationsIn(request.migrationsDir);
	const parts = await partsOf(source, request);
	const migrations = await loadMigrations(source, parts);
	const replayed = await replayFromNothing(migrations);
	const firstData = migrations.findIndex(({upgrade}) => upgrade.some(isAboutRows));
	const omitted = request.withoutData ? migrations.filter(({upgrade}) => upgrade.some(isAboutRows)).map(({name}) => name) : [];
	const squashed = request.withoutData || firstData === -1 ? migrations.length : firstData;
	const before = squashed === 0 ? emptySchema : (replayed.migrations[squashed - 1]?.after ?? emptySchema);
	// A data change depends on the schema it runs on, so from the first one on, all operations are kept as written.
	const kept = migrations.slice(squashed).flatMap(({upgrade}) => upgrade);
	refuseCode(migrations.slice(squashed));
	const creation = diff(emptySchema, before).operations;
	const operations = [...creation, ...kept];
	const proof = await replay(emptySchema, [{name: request.name, path: request.migrationsDir, operations}]);
	const differences = schemaDifferences(replayed.schema, proof.schema);
	if (differences.length > 0) {
		throw new MigrError('history', 'the squashed migration builds a different schema than the migrations it replaces', {
			details: differences.map(({object, name, kind}) => `${object} ${clean(name)}: ${kind}`),
			hint: 'please report this bug in lite-migr with the migrations; nothing was written',
		});
	}
	// It undoes all migrations together, whatever rows they have changed: it drops what they have created.
	const downgrade = reverseAll(emptySchema, diff(emptySchema, replayed.schema).operations);
	return {parts, operations, downgrade, omitted};
}

/** Writes the file, records it instead of the migrations it replaces, and moves their files to `_squashed`. */
export async function writeSquash(request: SquashRequest, {parts, operations, downgrade, omitted}: SquashDraft): Promise<Squashed> {
	const names = parts.map(({name}) => name);
	const comments = [
		`replaces ${plural(parts.length, 'migration')}, from ${names[0]} to ${names.at(-1)}; verified by replay.`,
		...omitted.map((name) => `${name}: its data changes are omitted.`),
	];
	const text = typescriptMigration(comments, operations, downgrade, [], names);
	const created: CreatedFile[] = [];
	const write = (db: Database) => {
		const file = createSquashFile({directory: request.migrationsDir, format: 'ts', text}, request.name, names.at(-1) ?? '');
		created.push(file);
		settleHistory(db, migrationsIn(request.migrationsDir));
		return file;
	};
	let file: CreatedFile;
	try {
		// The database is locked first, so no file is created if it cannot be written.
		file = await withHistory(request, (db) => writeTransaction(db, lockOf(request), () => write(db)));
	} catch (error) {
		for (const {path} of created) rmSync(path, {force: true});
		throw error;
	}
	const archive = join(request.migrationsDir, '_squashed');
	mkdirSync(archive, {recursive: true});
	for (const {path} of parts) renameSync(path, join(archive, basename(path)));
	return {path: file.path, name: file.name, parts: names, archive, omitted};
}

async function partsOf(source: MigrationSource, {to, ...place}: SquashRequest): Promise<readonly MigrationFile[]> {
	const db = await openForReading(place, place);
	try {
		const {applied, files, pending, missing, edited} = projectState(source, db);
		if (missing.length > 0 || edited.length > 0) {
			throw new MigrError('history', `files of applied migrations are missing or edited: ${[...missing, ...edited].join(', ')}`, {
				hint: 'restore the files first, for example from git; to list them, run lite-migr status',
			});
		}
		const names = new Set(applied.map(({name}) => name));
		const fileNames = files.map(({name}) => name);
		const last = to === undefined ? [...names].sort().at(-1) : resolveName(to, fileNames);
		if (last !== undefined && !names.has(last))
			throw new MigrError('usage', `${clean(last)} is not an applied migration`, {hint: 'run lite-migr status to list the applied migrations'});
		const parts = last === undefined ? [] : files.filter(({name}) => name <= last);
		const early = pending.find(({file}) => last !== undefined && file.name <= last);
		if (early !== undefined)
			throw new MigrError('history', `${early.file.name} is in the range to squash, but is not applied`, {hint: 'run lite-migr upgrade first'});
		if (parts.length < 2)
			throw new MigrError(
				'history',
				`nothing to squash: ${parts.length === 1 ? 'there is only one applied migration' : 'no migrations are applied'}`,
				{
					hint: 'choose a range with at least two applied migrations; to list them, run lite-migr status',
				},
			);
		return parts;
	} finally {
		db.close();
	}
}

function isAboutRows(operation: Operation): boolean {
	if (operation.kind === 'run') return true;
	return operation.kind === 'execute' && !changesSchema(operation.sql) && !/^\s*PRAGMA/i.test(operation.sql) && rebuiltBy(operation) === undefined;
}

/** Code (`op.run`) cannot be copied from its file. The migration can be kept, or its data changes can be omitted. */
function refuseCode(migrations: readonly Migration[]): void {
	const withCode = migrations.filter(({upgrade}) => upgrade.some(({kind}) => kind === 'run'));
	if (withCode.length === 0) return;
	throw new MigrError(
		'history',
		`${withCode.map(({name}) => name).join(', ')} ${withCode.length === 1 ? 'runs' : 'run'} code (op.run), which cannot be squashed`,
		{
			hint: 'squash only the earlier migrations with --to, or omit data changes with --without-data: a new database then starts without those rows',
		},
	);
}
