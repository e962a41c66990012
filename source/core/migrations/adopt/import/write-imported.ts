import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {MigrError} from '../../../errors.ts';
import type {Database} from '../../../sqlite/database.ts';
import {isBusy} from '../../../sqlite/failure.ts';
import {type FileLock, shortFileLock} from '../../../sqlite/file-lock.ts';
import {fileProblem} from '../../../text/file-problem.ts';
import {folderInUse, putInPlace} from '../../files/create-file.ts';
import {checksumOf} from '../../files/list.ts';
import {recordAdopted} from '../../history/history.ts';
import type {ProjectState} from '../../history/state.ts';
import {lockOf, type RecordingRequest} from '../../project.ts';

/**
 * How to read this file. Files and the history cannot be written in one step, so the order decides what an interrupted import leaves. The files are
 * written to a hidden folder, the applied ones are recorded, and then all files get their names, those of applied migrations last. Until then, the
 * history has migrations without a file, and `upgrade` refuses to run. In another order, it could run migrations that the other tool has applied. The
 * same import finds what is missing (`leftByImport`) and completes it.
 */

/** A migration of another tool as a migration file. */
export interface ImportedFile {
	readonly name: string;
	readonly text: string;
	/** True if the other tool has applied it. */
	readonly isApplied: boolean;
}

/** What an interrupted import has left. */
export interface LeftByImport {
	/** The names of the files that exist. */
	readonly files: ReadonlySet<string>;
	/** The names of the recorded migrations, in order. Empty if nothing was recorded. */
	readonly recorded: readonly string[];
}

/** Returns the first line of an imported file. */
export function importedLine(name: string, tool: string, from: string): string {
	return `-- ${name}, imported from ${tool} (${from})`;
}

/** True if all files of a project look like imported ones, so an import may have been interrupted. */
export function isLeftByImport({files}: Pick<ProjectState, 'files'>): boolean {
	return files.every(({kind, text}) => kind === 'sql' && /^-- .+, imported from .+ \(.+\)\n/.test(text));
}

/** Returns what an interrupted import of these files has left. Undefined if anything in the project has another origin, or if nothing is missing. */
export function leftByImport({files, applied}: Pick<ProjectState, 'files' | 'applied'>, imported: readonly ImportedFile[]): LeftByImport | undefined {
	const checksums = new Map(imported.map(({name, text}) => [name, checksumOf(text)]));
	if (![...files, ...applied].every(({name, checksum}) => checksums.get(name) === checksum)) return undefined;
	const recorded = applied.map(({name}) => name);
	const isRecorded = imported.every(({name, isApplied}) => !isApplied || recorded.includes(name));
	if (recorded.length > 0 && !isRecorded) return undefined;
	return isRecorded && files.length === imported.length ? undefined : {files: new Set(files.map(({name}) => name)), recorded};
}

export interface WriteRequest extends RecordingRequest {
	readonly migrationsDir: string;
	readonly toolVersion: string;
	/** Undefined for the first import of a project. */
	readonly left: LeftByImport | undefined;
}

/**
 * Writes the files that are missing, and marks those of applied migrations as applied.
 *
 * @throws MigrError `history` if another process has changed the history in the meantime, `locked` or `cancelled`, with nothing written, and `files` if
 * they cannot be written
 */
export async function writeImported(db: Database, files: readonly ImportedFile[], request: WriteRequest): Promise<void> {
	const {migrationsDir, toolVersion, left = {files: new Set<string>(), recorded: []}} = request;
	const missing = files.filter(({name}) => !left.files.has(name));
	const adopted = left.recorded.length > 0 ? [] : files.filter(({isApplied}) => isApplied);
	const staged = join(migrationsDir, `${stagedPrefix}${crypto.randomUUID()}`);
	const pathOf = (folder: string, {name}: ImportedFile) => join(folder, `${name}.sql`);
	let lock: FileLock | undefined;
	const prepare = () =>
		inFolder(migrationsDir, () => {
			mkdirSync(migrationsDir, {recursive: true});
			lock = shortFileLock(join(migrationsDir, '.lite-migr-lock'));
			if (lock !== undefined) removeStaged(migrationsDir);
			mkdirSync(staged);
			const taken = missing.find((file) => existsSync(pathOf(migrationsDir, file)));
			if (taken !== undefined) throw new MigrError('files', `${taken.name}.sql already exists`, {location: {file: pathOf(migrationsDir, taken)}});
			for (const file of missing) writeFileSync(pathOf(staged, file), file.text);
			return adopted.map(({name, text}) => ({name, checksum: checksumOf(text)}));
		});
	try {
		await recordAdopted(db, prepare, {seen: left.recorded, toolVersion}, lockOf(request));
		inFolder(migrationsDir, () => {
			const [pending, applied] = [missing.filter(({isApplied}) => !isApplied), missing.filter(({isApplied}) => isApplied)];
			for (const file of [...pending, ...applied]) putUnlessThere(pathOf(staged, file), pathOf(migrationsDir, file), file.text);
		});
	} finally {
		rmSync(staged, {recursive: true, force: true});
		lock?.remove();
	}
}

const stagedPrefix = '.lite-migr-import-';

/** Removes the hidden folders of imports that were killed. The caller has the lock, so no other import is writing one. */
function removeStaged(directory: string): void {
	for (const name of readdirSync(directory)) {
		if (name.startsWith(stagedPrefix)) rmSync(join(directory, name), {recursive: true, force: true});
	}
}

/** Gives a file its name. Another import of the same files may have done that. */
function putUnlessThere(staged: string, path: string, text: string): void {
	try {
		putInPlace(staged, path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || readFileSync(path, 'utf8') !== text) throw error;
	}
}

function inFolder<T>(directory: string, work: () => T): T {
	try {
		return work();
	} catch (cause) {
		if (cause instanceof MigrError) throw cause;
		if (isBusy(cause)) throw folderInUse(directory, cause);
		throw new MigrError('files', `the migrations cannot be written: ${fileProblem(cause)}`, {
			location: {file: directory},
			hint: "check the folder's permissions and the free disk space, and run the command again",
			cause,
		});
	}
}
