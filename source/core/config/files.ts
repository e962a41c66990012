import {
	closeSync,
	existsSync,
	fsyncSync,
	mkdirSync,
	openSync,
	readFileSync,
	realpathSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import {basename, dirname, join, resolve} from 'node:path';
import {localD1File} from '../engines/d1/local-file.ts';
import {d1DatabasesIn} from '../engines/d1/wrangler-config.ts';
import {MigrError, restated} from '../errors.ts';
import {clean} from '../text/clean.ts';
import {fileProblem} from '../text/file-problem.ts';
import {type InitialValues, initialConfig} from './config.ts';
import {addIgnore} from './ignore.ts';

/**
 * Writes a new `migrate.toml`. Returns false and leaves the file unchanged if it already exists. The folder of migrations of a D1 database is that of
 * wrangler, and so is the format if wrangler already applies migrations from it.
 *
 * @throws MigrError `files` if the file cannot be written, `config` if wrangler has not created the local database yet
 */
export function writeConfig(file: string, values: InitialValues): boolean {
	if (existsSync(file)) return false;
	const text = initialConfig(withWrangler(values, dirname(file)));
	try {
		writeFileSync(file, text, {flag: 'wx'});
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
		throw cannotWrite(file, error);
	}
}

function withWrangler(values: InitialValues, folder: string): InitialValues {
	requireInitialDatabase(values.db, folder);
	const name = d1NameOf(values.db);
	const found = name === undefined ? undefined : d1DatabasesIn(folder).find((one) => one.name === name || one.binding === name);
	if (found === undefined) return values;
	const migrations = values.migrations ?? found.migrations;
	const isTheirs = resolve(folder, migrations) === resolve(folder, found.migrations);
	return {...values, migrations, format: found.hasMigrations && isTheirs ? 'wrangler' : undefined};
}

/**
 * Checks that a project can be set up for a database.
 *
 * @throws MigrError `config` if it is a D1 database that is not in wrangler's configuration, or that wrangler has not created on this machine yet
 */
export function requireInitialDatabase(db: string | undefined, folder: string): void {
	const name = d1NameOf(db);
	if (name !== undefined && db?.startsWith('d1-local:') === true) localD1File(name, folder);
}

function d1NameOf(db = ''): string | undefined {
	return /^(?:d1|d1-local):(.+)$/s.exec(db)?.[1];
}

/** Creates a folder and its parents. Returns false if the folder already exists. */
export function makeFolder(folder: string): boolean {
	try {
		return mkdirSync(folder, {recursive: true}) !== undefined;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotWrite(folder, error);
		throw new MigrError('config', `${clean(folder)} is a file, not a folder`, {
			hint: 'move the file, or change migrations_dir in migrate.toml',
			cause: error,
		});
	}
}

/** Adds names to `ignore` in a `migrate.toml`, all or none. Returns false if all of them are already in the list. */
export function ignoreInConfig(file: string, names: readonly string[]): boolean {
	const before = readFileSync(file, 'utf8');
	const after = withFile(file, () => names.reduce(addIgnore, before));
	if (after === before) return false;
	replaceFile(file, after);
	return true;
}

/**
 * Replaces or creates a file atomically. Readers see either the old text or the new text, never a mix.
 *
 * @throws MigrError `files` if it cannot be written
 */
export function replaceFile(file: string, text: string): void {
	const exists = existsSync(file);
	const target = exists ? realpathSync(file) : file;
	const fresh = join(dirname(target), `.${basename(target)}.${crypto.randomUUID()}`);
	try {
		const handle = openSync(fresh, 'wx', exists ? statSync(target).mode : undefined);
		try {
			writeFileSync(handle, text);
			fsyncSync(handle);
		} finally {
			closeSync(handle);
		}
		renameSync(fresh, target);
	} catch (error) {
		rmSync(fresh, {force: true});
		throw cannotWrite(file, error);
	}
}

function withFile<T>(file: string, action: () => T): T {
	try {
		return action();
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		throw restated(error, {location: {...error.location, file}});
	}
}

function cannotWrite(file: string, error: unknown): MigrError {
	const hasFolder = (error as NodeJS.ErrnoException).code !== 'ENOENT';
	return new MigrError('files', `cannot write ${clean(file)}: ${hasFolder ? fileProblem(error) : 'its folder does not exist'}`, {
		...(hasFolder ? {} : {hint: `create the folder ${clean(dirname(file))} first`}),
		cause: error,
	});
}
