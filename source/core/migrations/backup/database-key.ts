import {lstatSync, readlinkSync, realpathSync} from 'node:fs';
import {basename, dirname, join, relative, resolve} from 'node:path';
import {sha256} from '@noble/hashes/sha2.js';
import {bytesToHex, utf8ToBytes} from '@noble/hashes/utils.js';

/** Identifies the database that a backup belongs to. */
export interface DatabaseKey {
	/** The real path of the database: symbolic links are resolved, letters have the case that the file system stores. */
	readonly path: string;
	/** A hash of the path. */
	readonly absolute: string;
	/** A hash of the relative path from the folder of the backups to the database. It stays the same if both are moved together. */
	readonly relative: string;
}

/** Returns the key of a database for backups in a folder. Neither needs to exist. */
export function databaseKey(database: string, folder: string): DatabaseKey {
	const path = realPath(database);
	return {path, absolute: digest(path), relative: digest(relative(realPath(folder), path).replaceAll('\\', '/'))};
}

/** Resolves the symbolic links of a path, even if the target does not exist. */
export function realPath(path: string): string {
	return resolved(resolve(path), 40);
}

/** @param links how many more links to follow, so a cycle of links ends */
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
