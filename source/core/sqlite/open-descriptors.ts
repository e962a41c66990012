import {fstatSync, readdirSync, statSync} from 'node:fs';

/** Folders that list the open descriptors of this process: Linux, and macOS and the BSDs. */
const folders = ['/proc/self/fd', '/dev/fd'];

/**
 * Returns the descriptors of this process that have a file open. Empty if there are none, or if the system does not list them (Windows).
 *
 * SQLite's own descriptors are among them. Reading through one of them is the only way to read a file that SQLite has locked without risk: closing any
 * other descriptor of that file would release all locks of this process on it
 * (https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
 */
export function openDescriptorsOf(path: string): readonly number[] {
	const file = identityOf(() => statSync(path, {bigint: true}));
	if (file === undefined) return [];
	return listed()
		.map(Number)
		.filter((descriptor) => Number.isInteger(descriptor) && isOpenOn(descriptor, file));
}

/** The file behind a path or a descriptor. */
export type FileIdentity = string;

/** Returns the identity of the file at a path. Undefined if it does not exist. */
export function fileAt(path: string): FileIdentity | undefined {
	return identityOf(() => statSync(path, {bigint: true}));
}

/** True if the descriptor is open on the file. */
export function isOpenOn(descriptor: number, file: FileIdentity): boolean {
	return identityOf(() => fstatSync(descriptor, {bigint: true})) === file;
}

function identityOf(stat: () => {readonly dev: bigint; readonly ino: bigint}): FileIdentity | undefined {
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
			// This system has another folder for it, or none.
		}
	}
	return [];
}
