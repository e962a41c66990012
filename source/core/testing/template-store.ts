import {createHash, randomUUID} from 'node:crypto';
import {
	accessSync,
	constants,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import {tmpdir, userInfo} from 'node:os';
import {dirname, join} from 'node:path';
import {type FileLock, waitForFileLock} from '../sqlite/file-lock.ts';

/** A file that a template depends on, with a hash of its content. The hash of a missing file is empty. */
export interface FileDigest {
	readonly path: string;
	readonly digest: string;
}

/** The content of a template, and the imported files that it depends on. */
export interface StoredTemplate {
	/** A database file. */
	readonly content: Buffer;
	readonly imports: readonly FileDigest[];
}

/** Templates on disk, for all processes that run the tests of a project. */
export interface TemplateStore {
	/** Returns a template that was stored completely and whose imported files are unchanged. */
	read(key: string): StoredTemplate | undefined;
	/** Replaces a template atomically, and removes old ones. */
	write(key: string, template: StoredTemplate): void;
	/** Calls `work` while no other process does so for the same key. */
	alone<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/** The number of templates to keep. */
const kept = 50;
/** Seconds to wait for a process that builds the same template. */
const wait = 60;

/** Returns the store for the templates of a project: in the nearest `node_modules`, or else in the folder for temporary files. */
export function templateStore(projectFolder: string): TemplateStore | undefined {
	const folder = cacheFolder(projectFolder);
	if (folder === undefined) return undefined;
	const fileOf = (key: string) => join(folder, `${key}.template`);
	return {
		read: (key) => readTemplate(fileOf(key), key),
		write(key, template) {
			const partial = join(folder, `${randomUUID()}.partial`);
			try {
				writeFileSync(partial, encode(key, template));
				renameSync(partial, fileOf(key));
				removeOld(folder);
			} catch {
				// The disk is full, or the folder was removed. Other processes build the template again.
				rmSync(partial, {force: true});
			}
		},
		async alone(key, work) {
			const lock = await lockOf(join(folder, `${key}.lock`));
			try {
				return await work();
			} finally {
				lock?.remove();
			}
		},
	};
}

/**
 * Returns undefined if another process still builds the template after the waiting time, or if the file system has no locks. Both processes then build it,
 * and one replaces the other's.
 */
async function lockOf(path: string): Promise<FileLock | undefined> {
	try {
		return await waitForFileLock(path, {wait});
	} catch {
		return undefined;
	}
}

/** Returns undefined if neither folder can be written. Each process then builds its templates itself. */
function cacheFolder(projectFolder: string): string | undefined {
	const modules = nearestModules(projectFolder);
	const uid = userId();
	const places = [
		...(modules === undefined ? [] : [join(modules, '.cache', 'lite-migr')]),
		...(uid === undefined ? [] : [join(tmpdir(), `lite-migr-${uid}`)]),
	];
	return places.find((folder) => {
		try {
			mkdirSync(folder, {recursive: true, mode: 0o700});
			accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
			return isOwn(folder, uid);
		} catch {
			// Read-only projects are common in containers.
			return false;
		}
	});
}

/** True if the folder belongs to this user, so no other user can store templates in it. Windows has no user ids. */
function isOwn(folder: string, uid: number | undefined): boolean {
	const stats = lstatSync(folder);
	return stats.isDirectory() && (uid === undefined || uid === -1 || stats.uid === uid);
}

/** Returns the id of this user, which is -1 on Windows. Undefined in a container whose user has no name. */
function userId(): number | undefined {
	try {
		return userInfo().uid;
	} catch {
		return undefined;
	}
}

function nearestModules(folder: string): string | undefined {
	for (let place = folder; ; place = dirname(place)) {
		const modules = join(place, 'node_modules');
		if (statSync(modules, {throwIfNoEntry: false})?.isDirectory() === true) return modules;
		if (dirname(place) === place) return undefined;
	}
}

/** The first line of the file. The database follows. */
interface Header {
	readonly key: string;
	readonly imports: readonly FileDigest[];
	/** A hash of the other fields and the database, so a truncated or changed file is detected. */
	readonly digest: string;
}

function encode(key: string, {content, imports}: StoredTemplate): Buffer {
	const header: Header = {key, imports, digest: digestOf(key, imports, content)};
	return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), content]);
}

function digestOf(key: string, imports: readonly FileDigest[], content: Buffer): string {
	return createHash('sha256')
		.update(JSON.stringify([key, imports]))
		.update(content)
		.digest('hex');
}

function readTemplate(file: string, key: string): StoredTemplate | undefined {
	let bytes: Buffer;
	try {
		bytes = readFileSync(file);
	} catch {
		// Regardless of the reason, the template can be built again.
		return undefined;
	}
	const end = bytes.indexOf('\n');
	const content = bytes.subarray(end + 1);
	const header = end === -1 ? undefined : readHeader(bytes.toString('utf8', 0, end));
	if (header === undefined || header.key !== key || header.digest !== digestOf(key, header.imports, content)) return undefined;
	if (header.imports.some(({path, digest}) => fileDigest(path).digest !== digest)) return undefined;
	markAsUsed(file);
	return {content, imports: header.imports};
}

function readHeader(text: string): Header | undefined {
	try {
		const header = JSON.parse(text) as Header | null;
		return Array.isArray(header?.imports) ? header : undefined;
	} catch {
		return undefined;
	}
}

/** Hashes the content of a file now. */
export function fileDigest(path: string): FileDigest {
	try {
		return {path, digest: createHash('sha256').update(readFileSync(path)).digest('hex')};
	} catch {
		return {path, digest: ''};
	}
}

/** The time of a template is the time of its last use, so the least used ones are removed. */
function markAsUsed(file: string): void {
	try {
		const now = new Date();
		utimesSync(file, now, now);
	} catch {
		// Another process has just removed it.
	}
}

/** Removes the least recently used templates, and files that killed processes have left. */
function removeOld(folder: string): void {
	const hour = 3_600_000;
	const files = readdirSync(folder).flatMap((name) => {
		const path = join(folder, name);
		const time = statSync(path, {throwIfNoEntry: false})?.mtimeMs;
		return time === undefined ? [] : [{path, time}];
	});
	const templates = files.filter(({path}) => path.endsWith('.template')).toSorted((a, b) => b.time - a.time);
	const abandoned = files.filter(({path, time}) => path.endsWith('.partial') && time < Date.now() - hour);
	for (const {path} of [...templates.slice(kept), ...abandoned]) rmSync(path, {force: true});
}
