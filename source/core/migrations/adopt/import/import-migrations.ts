import {existsSync} from 'node:fs';
import {join, relative, resolve} from 'node:path';
import {splitStatements} from '../../../ddl/split.ts';
import {MigrError} from '../../../errors.ts';
import type {Database} from '../../../sqlite/database.ts';
import {clean} from '../../../text/clean.ts';
import type {Migration} from '../../files/migration.ts';
import {proseComment, readMarker} from '../../files/section-markers.ts';
import {type MigrationSource, migrationsIn} from '../../files/source.ts';
import {projectState} from '../../history/state.ts';
import {type RecordingRequest, withHistory} from '../../project.ts';
import {buildNewDatabase} from '../../replay/new-database.ts';
import {hasCode, refuseCode} from './code-folder.ts';
import {readDbmate} from './dbmate.ts';
import {readDiesel} from './diesel.ts';
import {readDrizzleKit} from './drizzle-kit.ts';
import type {ForeignFolder, ForeignMigration} from './foreign-migration.ts';
import {readGolangMigrate} from './golang-migrate.ts';
import {readGoose} from './goose.ts';
import {readPrisma} from './prisma.ts';
import {readSqlx} from './sqlx.ts';
import {readWrangler} from './wrangler.ts';
import {importedLine, isLeftByImport, leftByImport, writeImported} from './write-imported.ts';

export interface ImportRequest extends RecordingRequest {
	readonly migrationsDir: string;
	/** The folder of the other tool. */
	readonly from: string;
	/** Patterns of tables that lite-migr does not manage. */
	readonly ignore?: readonly string[];
	readonly toolVersion: string;
}

export interface ImportedMigrations {
	readonly tool: string;
	readonly written: readonly string[];
	/** Migrations marked as applied, because the other tool recorded them as applied. */
	readonly applied: readonly string[];
	readonly pending: readonly string[];
	/** The changes to the imported files that lite-migr needs to run them with the same result. */
	readonly notes: readonly string[];
	/**
	 * Why `upgrade` cannot build a new database from the imported files, with file and line. Empty if it can. The adopted database is not affected.
	 */
	readonly problems: readonly MigrError[];
}

/** The order matters: the markers of goose and dbmate are unambiguous, but plain numbered files are only wrangler's if no other reader matches. */
const readers = [readPrisma, readDrizzleKit, readDiesel, readGoose, readDbmate, readSqlx, readGolangMigrate, readWrangler];

/**
 * Imports another tool's migrations: writes each as a `.sql` migration, and marks those in the tool's table as applied. Runs none of them, and does
 * not change the tool's files and table. If an earlier import was interrupted, completes it.
 *
 * @throws MigrError `usage` for a folder that no reader recognizes, `history` if the project already has migrations
 */
export async function importMigrations(request: ImportRequest): Promise<ImportedMigrations> {
	const {migrationsDir, from} = request;
	if (!existsSync(from)) throw new MigrError('usage', `there is no folder ${clean(from)}`, {hint: "pass the folder of the other tool's migrations"});
	if (resolve(from) === resolve(migrationsDir)) {
		throw new MigrError('usage', 'the folder is migrations_dir itself', {
			hint: 'set migrations_dir in migrate.toml to another folder, so the files of the other tool stay unchanged',
		});
	}
	return await withHistory(request, (db) => imported(request, db));
}

async function imported(request: ImportRequest, db: Database): Promise<ImportedMigrations> {
	const {migrationsDir, from} = request;
	const state = projectState(migrationsIn(migrationsDir), db);
	const isNew = state.files.length + state.applied.length === 0;
	// The code of the other tool runs only if it may be needed.
	if (!isNew && !isLeftByImport(state)) throw hasMigrations();
	const foreign = await foldersOf(request, db);
	// A relative path, because the file goes into version control.
	const place = relative(migrationsDir, from).replaceAll('\\', '/');
	const names = ownNames(foreign);
	const files = foreign.migrations.map((migration, index) => ({
		...migration,
		name: names[index] ?? migration.name,
		...migrationText(migration, foreign.tool, place),
	}));
	const left = isNew ? undefined : leftByImport(state, files);
	if (!isNew && left === undefined) throw hasMigrations();
	await writeImported(db, files, {...request, left});
	return {
		tool: foreign.tool,
		written: files.map(({name}) => join(migrationsDir, `${name}.sql`)),
		applied: files.filter(({isApplied}) => isApplied).map(({name}) => name),
		pending: files.filter(({isApplied}) => !isApplied).map(({name}) => name),
		notes: [
			...(left === undefined ? [] : ['an earlier import was interrupted, and is now complete']),
			...(foreign.notes ?? []),
			...files.flatMap(({name, notes}) => notes.map((note) => `${name}: ${note}`)),
		],
		problems: await problemsOfNew(migrationsIn(migrationsDir)),
	};
}

function hasMigrations(): MigrError {
	return new MigrError('history', 'the project already has migrations', {
		hint: 'import the migrations of another tool before you create the first migration of lite-migr\nif an earlier import was interrupted and cannot be completed: delete the files that it has written, run DROP TABLE IF EXISTS _lite_migr, and run the import again',
	});
}

async function foldersOf(request: ImportRequest, db: Database): Promise<ForeignFolder> {
	const {from} = request;
	// Next to code, `.sql` files are read by the code.
	const recorded = hasCode(from) ? await recordedFolder(request, db) : undefined;
	if (recorded !== undefined) return recorded;
	for (const read of readers) {
		const folder = read(from, db);
		if (folder !== undefined) return folder;
	}
	refuseCode(from);
	throw new MigrError('usage', `${clean(from)} has no migrations of a supported tool`, {
		hint: 'pass a folder of drizzle-kit, Prisma, Diesel, sqlx, goose, dbmate, golang-migrate, wrangler (D1), Knex or Kysely\nto adopt the database without its migration history, run lite-migr baseline <name>',
	});
}

/**
 * Runs the code of a folder in memory. The module is loaded only here.
 *
 * @throws MigrError `history` if the database was changed in the meantime: code may open its own connection
 */
async function recordedFolder({from, ignore = [], remote}: ImportRequest, db: Database): Promise<ForeignFolder | undefined> {
	const {recordCodeFolder} = await import('./recorded/record-folder.ts');
	const version = () => (remote === undefined ? db.value('PRAGMA data_version') : undefined);
	const before = version();
	const folder = await recordCodeFolder(from, db, ignore);
	if (version() === before) return folder;
	throw new MigrError('history', 'the database was changed while the migrations ran in memory', {
		location: {file: from},
		details: ['another program has written to it, or the code of a migration has opened it', 'nothing was written by lite-migr'],
		hint: 'run the command again while no other program writes\nif it fails again, look for code that opens the database: migrations and the files that they import',
	});
}

/**
 * Returns the names of imported migrations, which sort in the tool's order: the tool's names with their numbers padded to one length. Some tools
 * compare versions as text, where `20240313` follows `20240306170000`. The numbers then stay unchanged, or the position comes first.
 */
function ownNames({migrations}: ForeignFolder): readonly string[] {
	const parts = migrations.map(({name}, index) => {
		const number = /^\d+/.exec(name)?.[0] ?? '';
		const rest = name.slice(number.length).replace(/[^A-Za-z0-9_-]/g, '_');
		return {number: number === '' ? String(index) : number, rest: rest.startsWith('_') ? rest : `_${rest}`};
	});
	const width = Math.max(4, ...parts.map(({number}) => number.length));
	const isSorted = (names: readonly string[]) => names.every((name, index) => index === 0 || (names[index - 1] ?? '') < name);
	const padded = parts.map(({number, rest}) => `${number.padStart(width, '0')}${rest}`);
	const plain = parts.map(({number, rest}) => `${number}${rest}`);
	const digits = Math.max(4, String(migrations.length).length);
	return [padded, plain].find(isSorted) ?? plain.map((name, index) => `${String(index + 1).padStart(digits, '0')}_${name}`);
}

interface ImportedText {
	readonly text: string;
	readonly notes: readonly string[];
}

function migrationText({name, up, down, notes = []}: ForeignMigration, tool: string, from: string): ImportedText {
	const [upgrade, downgrade] = [sectionOf(up), down === undefined ? undefined : sectionOf(down)];
	const back = downgrade === undefined ? '' : `\n-- downgrade\n${downgrade.text}`;
	return {
		text: `${importedLine(clean(name), tool, clean(from))}\n\n-- upgrade\n${upgrade.text}${back}`,
		notes: [...new Set([...notes, ...upgrade.notes, ...(downgrade?.notes ?? [])])],
	};
}

/**
 * Converts one direction of a migration. The tool runs all of it, so none of its comments may start a section. BEGIN and COMMIT are removed, because
 * lite-migr runs it in its own transaction.
 */
function sectionOf(sql: string): ImportedText {
	const all = splitStatements(sql);
	const statements = isWrapped(all) ? all.filter(({text}) => !wrapper.test(text)) : all;
	const prose = (comment: string) => (readMarker(comment) === undefined ? comment : proseComment(comment.replace(/^(?:--|\/\*)|\*\/$/g, '').trim()));
	return {
		text: statements.map(({text, comments}) => `${comments.map((comment) => `${prose(comment)}\n`).join('')}${text};\n`).join(''),
		notes: statements.length < all.length ? ['BEGIN and COMMIT were removed, because lite-migr runs each migration in a transaction'] : [],
	};
}

const wrapper = /^(?:BEGIN|COMMIT|END)(?:\s+(?:DEFERRED|IMMEDIATE|EXCLUSIVE|TRANSACTION))*\s*$/i;

/**
 * True if statements begin and commit transactions without rolling back. Running them all in one transaction then has the same result. A tool that runs
 * a migration in its own transaction lets it commit that transaction first, for example to switch foreign keys off, and begin another one last.
 */
function isWrapped(statements: readonly {readonly text: string}[]): boolean {
	const control = statements.filter(({text}) => /^(?:BEGIN|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE)\b/i.test(text));
	const begins = control.map(({text}) => /^BEGIN/i.test(text));
	return (
		control.length > 0 && control.every(({text}) => wrapper.test(text)) && begins.every((begin, index) => index === 0 || begin !== begins[index - 1])
	);
}

/** Returns the reasons why no new database can be built. A file that cannot be loaded hides the problems of later files. */
async function problemsOfNew(source: MigrationSource): Promise<readonly MigrError[]> {
	const loaded: Migration[] = [];
	let broken: MigrError | undefined;
	for (const file of source.list()) {
		try {
			loaded.push(await source.load(file));
		} catch (error) {
			if (!(error instanceof MigrError)) throw error;
			broken = error;
			break;
		}
	}
	const {problems} = await buildNewDatabase(loaded);
	return [...problems, ...(broken === undefined ? [] : [broken])];
}
