import {fstatSync, readdirSync, statSync} from 'node:fs';

/** Folders that list the open descriptors of this process: Linux, and macOS and the BSDs. */
const folders = ['/proc/self/fd', '/dev/fd'];

/** A file that this process has open, read through descriptors of other code. */
export interface OpenFile {
	/** Returns a descriptor that is open on the file now. Undefined if there is none any longer. Its owner may close it at any time. */
	descriptor(): number | undefined;
	/** True if the descriptor is still open on the file. */
	isOpen(descriptor: number): boolean;
}

/**
 * Returns the file at a path. Undefined if this process has no descriptor open on it, or if the system does not list them (Windows).
 *
 * SQLite's own descriptors are among them. Reading through one of them is the only way to read a file that SQLite has locked without risk: closing any
 * other descriptor of that file would release all locks of this process on it
 * (https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
 */
export function openFileAt(path: string): OpenFile | undefined {
	const file = fileIdentity(path);
	const isOpen = (descriptor: number) => file !== undefined && identityOf(() => fstatSync(descriptor, {bigint: true})) === file;
	let last: number | undefined;
	const descriptor = () => {
		if (last === undefined || !isOpen(last)) last = listed().map(Number).filter(Number.isInteger).find(isOpen);
		return last;
	};
	return file === undefined || descriptor() === undefined ? undefined : {descriptor, isOpen};
}

/** Returns a text that is equal for two paths of the same file. Undefined if the path does not exist. */
export function fileIdentity(path: string): string | undefined {
	return identityOf(() => statSync(path, {bigint: true}));
}

function identityOf(stat: () => {readonly dev: bigint; readonly ino: bigint}): string | undefined {
	try {
		const {dev, ino} = stat();
		return `${dev} ${ino}`;
	} catch {
		// The path does not exist, or the descriptor is closed.
		return undefined;
	}
}

function listed(): readonly string[] {
	for (const folder of folders) {
		try {
			return readdirSync(folder);
		} catch {
			// This system uses a different folder, or has none.
		}
	}
	return [];
}
