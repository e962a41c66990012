import {existsSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join, relative, resolve} from 'node:path';
import {splitStatements} from '../../../ddl/split.ts';
import {MigrError} from '../../../errors.ts';
import type {Database} from '../../../sqlite/database.ts';
import {openDatabase} from '../../../sqlite/open.ts';
import {clean} from '../../../text/clean.ts';
import {checksumOf} from '../../files/list.ts';
import {recordAdopted} from '../../history/history.ts';
import {projectState} from '../../history/state.ts';
import {readDbmate} from './dbmate.ts';
import {readDrizzleKit} from './drizzle-kit.ts';
import type {ForeignFolder, ForeignMigration} from './foreign-migration.ts';
import {readGolangMigrate} from './golang-migrate.ts';
import {readGoose} from './goose.ts';
import {readWrangler} from './wrangler.ts';

export interface TakeoverRequest {
	readonly dbPath: string;
	readonly migrationsDir: string;
	/** The folder of the other tool. */
	readonly from: string;
	readonly wait: number;
	readonly toolVersion: string;
}

export interface TakenOver {
	readonly tool: string;
	readonly written: readonly string[];
	/** Noted as applied, since the other tool's table says so. */
	readonly applied: readonly string[];
	readonly pending: readonly string[];
}

/** In this order: the marks of goose and dbmate are unmistakable, plain numbered files are wrangler's only where nothing else claims them. */
const readers = [readDrizzleKit, readGoose, readDbmate, readGolangMigrate, readWrangler];

/**
 * Makes another tool's migrations lite-migr's own: each becomes a `.sql` migration, and those that its table says were applied are noted so.
 * Nothing of them is run; the other tool's files and table stay.
 *
 * @throws MigrError `usage` for a folder that no reader knows, `history` where the project has migrations already
 */
export function takeOver(request: TakeoverRequest): TakenOver {
	const {migrationsDir, from} = request;
	if (!existsSync(from))
		throw new MigrError('usage', `there is no folder ${clean(from)}`, {hint: 'give the folder in which the other tool keeps its migrations'});
	if (resolve(from) === resolve(migrationsDir)) {
		throw new MigrError('usage', 'the folder is migrations_dir itself', {
			hint: 'set migrations_dir in migrate.toml to another folder: the files of the other tool stay as they are',
		});
	}
	const db = openDatabase(request.dbPath, {wait: request.wait});
	try {
		const state = projectState({db, migrationsDir});
		if (state.files.length > 0 || state.applied.length > 0) {
			throw new MigrError('history', 'the project has migrations already', {
				hint: 'another tool is taken over before the first migration of lite-migr',
			});
		}
		const folder = foldersOf(from, db);
		// The file goes into version control: where it came from is told as every machine has it.
		const place = relative(migrationsDir, from).replaceAll('\\', '/');
		const files = folder.migrations.map((migration, index) => ({
			...migration,
			name: nameOf(migration, index, folder),
			text: textOf(migration, folder.tool, place),
		}));
		const applied = files.filter(({isApplied}) => isApplied).map(({name, text}) => ({name, checksum: checksumOf(text)}));
		writeAll(migrationsDir, files, () => recordAdopted(db, applied, request.toolVersion));
		return {
			tool: folder.tool,
			written: files.map(({name}) => join(migrationsDir, `${name}.sql`)),
			applied: applied.map(({name}) => name),
			pending: files.filter(({isApplied}) => !isApplied).map(({name}) => name),
		};
	} finally {
		db.close();
	}
}

function foldersOf(from: string, db: Database): ForeignFolder {
	for (const read of readers) {
		const folder = read(from, db);
		if (folder !== undefined) return folder;
	}
	throw new MigrError('usage', `${clean(from)} holds no migrations of a tool that is known`, {
		hint: 'known are drizzle-kit, goose, dbmate, golang-migrate and wrangler (D1); lite-migr baseline <name> adopts a database without its past',
	});
}

/** The tool's own name, with its number made as long as the longest, so that names sort as the tool orders them. */
function nameOf({name}: ForeignMigration, index: number, {migrations}: ForeignFolder): string {
	const number = /^\d+/.exec(name)?.[0] ?? String(index);
	const width = Math.max(4, ...migrations.map((migration) => /^\d+/.exec(migration.name)?.[0].length ?? 0));
	const rest = name.slice(/^\d+/.exec(name)?.[0].length ?? 0).replace(/[^A-Za-z0-9_-]/g, '_');
	return `${number.padStart(width, '0')}${rest.startsWith('_') ? '' : '_'}${rest}`;
}

function textOf({name, up, down}: ForeignMigration, tool: string, from: string): string {
	const body = (sql: string) =>
		splitStatements(sql)
			.map(({text, comments}) => `${comments.map((comment) => `${comment}\n`).join('')}${text};\n`)
			.join('');
	const back = down === undefined ? '' : `\n-- downgrade\n${body(down)}`;
	return `-- ${clean(name)}, taken over from ${tool} (${clean(from)})\n\n-- upgrade\n${body(up)}${back}`;
}

/** All files, and the note of them, or nothing. */
function writeAll(directory: string, files: readonly {readonly name: string; readonly text: string}[], note: () => void): void {
	const written: string[] = [];
	try {
		mkdirSync(directory, {recursive: true});
		for (const {name, text} of files) {
			const path = join(directory, `${name}.sql`);
			writeFileSync(path, text, {flag: 'wx'});
			written.push(path);
		}
		note();
	} catch (cause) {
		for (const path of written) rmSync(path, {force: true});
		if (cause instanceof MigrError) throw cause;
		throw new MigrError('files', `the migrations cannot be written: ${(cause as Error).message}`, {
			location: {file: directory},
			hint: 'check the rights on the folder',
			cause,
		});
	}
}
