import {lstatSync, readlinkSync, realpathSync} from 'node:fs';
import {basename, dirname, join, relative, resolve} from 'node:path';
import {sha256} from '@noble/hashes/sha2.js';
import {bytesToHex, utf8ToBytes} from '@noble/hashes/utils.js';

/** Which database a backup belongs to. */
export interface DatabaseKey {
	/** The real path of the database: symbolic links resolved, letters in the case in which the file system has them. */
	readonly path: string;
	/** Identifies the path. */
	readonly absolute: string;
	/** Identifies the way from the folder of the backups to the database, which stays the same if both are moved together. */
	readonly relative: string;
}

/** Returns the key of a database for backups in a folder. Neither has to exist. */
export function databaseKey(database: string, folder: string): DatabaseKey {
	const path = realPath(database);
	return {path, absolute: digest(path), relative: digest(relative(realPath(folder), path).replaceAll('\\', '/'))};
}

/** Returns the path of the file that a path leads to through symbolic links, even if that file does not exist. */
export function realPath(path: string): string {
	return resolved(resolve(path), 40);
}

/** @param links how many more links may be followed, so that a circle of links ends */
function resolved(path: string, links: number): string {
	try {
		// The native function gives the stored case on file systems that ignore case.
		return realpathSync.native(path);
	} catch {
		const target = links > 0 ? linkTarget(path) : undefined;
		if (target !== undefined) return resolved(resolve(dirname(path), target), links - 1);
		const parent = dirname(path);
		return parent === path ? path : join(resolved(parent, links), basename(path));
	}
}

function linkTarget(path: string): string | undefined {
	try {
		return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
	} catch {
		return undefined;
	}
}

function digest(text: string): string {
	return bytesToHex(sha256(utf8ToBytes(text))).slice(0, 32);
}
