import {mkdirSync, renameSync, rmSync} from 'node:fs';
import {basename, join} from 'node:path';
import {diff} from '../diff/diff.ts';
import {MigrError} from '../errors.ts';
import {rebuiltBy} from '../operations/full-text.ts';
import type {Operation} from '../operations/operation.ts';
import {reverseAll} from '../operations/reverse.ts';
import {changesSchema} from '../plan/changes-schema.ts';
import {emptySchema} from '../schema/schema.ts';
import {openDatabase} from '../sqlite/open.ts';
import {clean} from '../text/clean.ts';
import {plural} from '../text/numbers.ts';
import {type CreatedFile, createSquashFile} from './files/create-file.ts';
import {listMigrations, type MigrationFile} from './files/list.ts';
import {loadMigrations} from './files/load.ts';
import type {Migration} from './files/migration.ts';
import {requireMigrationName} from './files/names.ts';
import {typescriptMigration} from './files/write-typescript.ts';
import {resolveName} from './history/select.ts';
import {settleHistory} from './history/settle.ts';
import {projectState} from './history/state.ts';
import {replay, replayFromNothing} from './replay/replay.ts';
import {schemaDifferences} from './replay/schema-differences.ts';

export interface SquashRequest {
	readonly dbPath: string;
	readonly migrationsDir: string;
	/** Of the new migration. */
	readonly name: string;
	/** The last migration to fold; the newest applied one when left out. */
	readonly to?: string;
	/** Leave changes of data out: a new database then begins without the rows that they made. */
	readonly withoutData: boolean;
	/** Seconds to wait for a lock. */
	readonly wait: number;
}

export interface Squashed {
	readonly path: string;
	readonly name: string;
	/** The migrations that it stands for now. */
	readonly parts: readonly string[];
	/** Where their files went. */
	readonly archive: string;
	/** Changes of data that were left out, by migration. */
	readonly leftOut: readonly string[];
}

/** A squash before anything is written: what it would hold. */
export interface SquashDraft {
	readonly parts: readonly MigrationFile[];
	readonly operations: readonly Operation[];
	readonly downgrade: readonly Operation[];
	readonly leftOut: readonly string[];
}

/**
 * Folds applied migrations into one that makes the same schema from nothing, proven by a replay of both.
 *
 * @throws MigrError `history` where there is nothing to fold, where code cannot be folded, or where the proof fails; nothing is written then
 */
export async function draftSquash(request: SquashRequest): Promise<SquashDraft> {
	requireMigrationName(request.name);
	const parts = partsOf(request);
	const migrations = await loadMigrations(parts);
	const whole = await replayFromNothing(migrations);
	const firstData = migrations.findIndex(({upgrade}) => upgrade.some(isAboutRows));
	const leftOut = request.withoutData ? migrations.filter(({upgrade}) => upgrade.some(isAboutRows)).map(({name}) => name) : [];
	const folded = request.withoutData || firstData === -1 ? migrations.length : firstData;
	const before = folded === 0 ? emptySchema : (whole.migrations[folded - 1]?.after ?? emptySchema);
	// Behind the first change of data the way matters, not only where it ends: from there on the operations stay as they were written.
	const kept = migrations.slice(folded).flatMap(({upgrade}) => upgrade);
	refuseCode(migrations.slice(folded));
	const creation = diff(emptySchema, before).operations;
	const operations = [...creation, ...kept];
	const proof = await replay(emptySchema, [{name: request.name, path: request.migrationsDir, operations}]);
	const differences = schemaDifferences(whole.schema, proof.schema);
	if (differences.length > 0) {
		throw new MigrError('history', 'the folded migration makes another schema than the ones that it stands for', {
			details: differences.map(({object, name, kind}) => `${object} ${clean(name)}: ${kind}`),
			hint: 'nothing was written; please report it with the migrations',
		});
	}
	return {parts, operations, downgrade: kept.length === 0 ? reverseAll(emptySchema, creation) : [], leftOut};
}

/** Writes the file, notes it in place of its parts, and moves their files into `_squashed`. */
export function writeSquash(request: SquashRequest, {parts, operations, downgrade, leftOut}: SquashDraft): Squashed {
	const names = parts.map(({name}) => name);
	const comments = [
		`stands for ${plural(parts.length, 'migration')}, from ${names[0]} to ${names.at(-1)}; proven equal by replay.`,
		...leftOut.map((name) => `${name}: its changes of data are left out.`),
	];
	const text = typescriptMigration(comments, operations, downgrade, [], names);
	// Opened first: a database that cannot be written leaves no file behind.
	const db = openDatabase(request.dbPath, {wait: request.wait});
	let file: CreatedFile | undefined;
	try {
		db.exec('BEGIN IMMEDIATE');
		file = createSquashFile(request.migrationsDir, request.name, names.at(-1) ?? '', text);
		settleHistory(db, listMigrations(request.migrationsDir));
		db.exec('COMMIT');
	} catch (error) {
		if (file !== undefined) rmSync(file.path, {force: true});
		throw error;
	} finally {
		if (db.inTransaction) db.exec('ROLLBACK');
		db.close();
	}
	const archive = join(request.migrationsDir, '_squashed');
	mkdirSync(archive, {recursive: true});
	for (const {path} of parts) renameSync(path, join(archive, basename(path)));
	return {path: file.path, name: file.name, parts: names, archive, leftOut};
}

function partsOf({dbPath, migrationsDir, to}: SquashRequest): readonly MigrationFile[] {
	const db = openDatabase(dbPath, {readonly: true});
	try {
		const {applied, files, pending, missing, edited} = projectState({db, migrationsDir});
		if (missing.length > 0 || edited.length > 0) {
			throw new MigrError('history', `files of applied migrations are missing or edited: ${[...missing, ...edited].join(', ')}`, {
				hint: 'bring them back first: lite-migr status',
			});
		}
		const names = new Set(applied.map(({name}) => name));
		const known = files.map(({name}) => name);
		const last = to === undefined ? [...names].sort().at(-1) : resolveName(to, known);
		if (last !== undefined && !names.has(last))
			throw new MigrError('usage', `${clean(last)} is no applied migration`, {hint: 'lite-migr status lists them'});
		const parts = last === undefined ? [] : files.filter(({name}) => name <= last);
		const early = pending.find(({file}) => last !== undefined && file.name <= last);
		if (early !== undefined)
			throw new MigrError('history', `${early.file.name} stands in the range and was never applied`, {hint: 'lite-migr upgrade first'});
		if (parts.length < 2)
			throw new MigrError('history', `there ${parts.length === 1 ? 'is one applied migration' : 'are no applied migrations'}: nothing to fold`, {
				hint: 'squash folds two or more',
			});
		return parts;
	} finally {
		db.close();
	}
}

function isAboutRows(operation: Operation): boolean {
	if (operation.kind === 'run') return true;
	return operation.kind === 'execute' && !changesSchema(operation.sql) && !/^\s*PRAGMA/i.test(operation.sql) && rebuiltBy(operation) === undefined;
}

/** Code stands in its own file; it can be kept where it is, or left out, not copied. */
function refuseCode(migrations: readonly Migration[]): void {
	const withCode = migrations.filter(({upgrade}) => upgrade.some(({kind}) => kind === 'run'));
	if (withCode.length === 0) return;
	throw new MigrError(
		'history',
		`${withCode.map(({name}) => name).join(', ')} ${withCode.length === 1 ? 'runs' : 'run'} code (op.run), which cannot be folded`,
		{
			hint: 'fold only what stands before it, with --to; or leave changes of data out with --without-data: a new database then begins without those rows',
		},
	);
}
