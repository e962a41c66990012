import {existsSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join, relative, resolve} from 'node:path';
import {splitStatements} from '../../../ddl/split.ts';
import {MigrError} from '../../../errors.ts';
import type {Database} from '../../../sqlite/database.ts';
import {openDatabase} from '../../../sqlite/open.ts';
import {clean} from '../../../text/clean.ts';
import {fileProblem} from '../../../text/file-problem.ts';
import {checksumOf, listMigrations} from '../../files/list.ts';
import {loadMigration} from '../../files/load.ts';
import type {Migration} from '../../files/migration.ts';
import {proseComment, readMarker} from '../../files/section-markers.ts';
import {recordAdopted} from '../../history/history.ts';
import {projectState} from '../../history/state.ts';
import {buildNewDatabase} from '../../replay/new-database.ts';
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
	/** What was changed in the imported files so that they mean the same here. */
	readonly notes: readonly string[];
	/**
	 * Why `upgrade` cannot build a new database from the imported files, with file and line in them; empty if it can. The adopted database is not
	 * affected by it.
	 */
	readonly problems: readonly MigrError[];
}

/** In this order: the marks of goose and dbmate are unmistakable, plain numbered files are wrangler's only where nothing else claims them. */
const readers = [readDrizzleKit, readGoose, readDbmate, readGolangMigrate, readWrangler];

/**
 * Makes another tool's migrations lite-migr's own: each becomes a `.sql` migration, and those that its table says were applied are noted so.
 * Nothing of them is run; the other tool's files and table stay.
 *
 * @throws MigrError `usage` for a folder that no reader knows, `history` where the project has migrations already
 */
export async function takeOver(request: TakeoverRequest): Promise<TakenOver> {
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
			...textOf(migration, folder.tool, place),
		}));
		const applied = files.filter(({isApplied}) => isApplied).map(({name, text}) => ({name, checksum: checksumOf(text)}));
		writeAll(migrationsDir, files, () => recordAdopted(db, applied, request.toolVersion));
		return {
			tool: folder.tool,
			written: files.map(({name}) => join(migrationsDir, `${name}.sql`)),
			applied: applied.map(({name}) => name),
			pending: files.filter(({isApplied}) => !isApplied).map(({name}) => name),
			notes: files.flatMap(({name, notes}) => notes.map((note) => `${name}: ${note}`)),
			problems: await problemsOfNew(migrationsDir),
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

interface ImportedText {
	readonly text: string;
	readonly notes: readonly string[];
}

function textOf({name, up, down}: ForeignMigration, tool: string, from: string): ImportedText {
	const [upgrade, downgrade] = [sectionOf(up), down === undefined ? undefined : sectionOf(down)];
	const back = downgrade === undefined ? '' : `\n-- downgrade\n${downgrade.text}`;
	return {
		text: `-- ${clean(name)}, taken over from ${tool} (${clean(from)})\n\n-- upgrade\n${upgrade.text}${back}`,
		notes: [...new Set([...upgrade.notes, ...(downgrade?.notes ?? [])])],
	};
}

/** One direction of a migration. Its tool runs all of it, so no comment in it may begin a section; and it runs in the transaction of lite-migr. */
function sectionOf(sql: string): ImportedText {
	const all = splitStatements(sql);
	const statements = isWrapped(all) ? all.filter(({text}) => !wrapper.test(text)) : all;
	const prose = (comment: string) => (readMarker(comment) === undefined ? comment : proseComment(comment.replace(/^(?:--|\/\*)|\*\/$/g, '').trim()));
	return {
		text: statements.map(({text, comments}) => `${comments.map((comment) => `${prose(comment)}\n`).join('')}${text};\n`).join(''),
		notes: statements.length < all.length ? ['BEGIN and COMMIT are left out, since lite-migr runs each migration in a transaction'] : [],
	};
}

const wrapper = /^(?:BEGIN|COMMIT|END)(?:\s+(?:DEFERRED|IMMEDIATE|EXCLUSIVE|TRANSACTION))*\s*$/i;

/** True if statements begin and commit transactions, and roll nothing back: then one transaction for all of them has the same result. */
function isWrapped(statements: readonly {readonly text: string}[]): boolean {
	const control = statements.filter(({text}) => /^(?:BEGIN|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE)\b/i.test(text));
	return control.length > 0 && control.every(({text}, index) => wrapper.test(text) && /^BEGIN/i.test(text) === (index % 2 === 0));
}

/** Returns why no new database can be built. A file that cannot be loaded hides the problems of later files. */
async function problemsOfNew(migrationsDir: string): Promise<readonly MigrError[]> {
	const loaded: Migration[] = [];
	let broken: MigrError | undefined;
	for (const file of listMigrations(migrationsDir)) {
		try {
			loaded.push(await loadMigration(file));
		} catch (error) {
			if (!(error instanceof MigrError)) throw error;
			broken = error;
			break;
		}
	}
	const {problems} = await buildNewDatabase(loaded);
	return [...problems, ...(broken === undefined ? [] : [broken])];
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
		throw new MigrError('files', `the migrations cannot be written: ${fileProblem(cause)}`, {
			location: {file: directory},
			hint: 'check the rights on the folder',
			cause,
		});
	}
}
