import {relative, sep} from 'node:path';
import type {Config} from '../../core/config/config.ts';

/** Returns a path relative to the working folder, or unchanged if it is outside it. Keeps a trailing separator. */
export function nearPath(path: string, cwd: string): string {
	const near = relative(cwd, path);
	if (near === '') return '.';
	if (near.startsWith('..')) return path;
	return /[/\\]$/.test(path) ? `${near}${sep}` : near;
}

/** Returns the name of a database for screens: its path relative to the working folder, `d1-local:shop` or `d1 shop`. */
export function nearDatabase({dbPath, dbName, remote}: Pick<Config, 'dbPath' | 'dbName' | 'remote'>, cwd: string): string {
	if (dbName !== undefined) return dbName;
	return remote === undefined ? nearPath(dbPath, cwd) : dbPath;
}
