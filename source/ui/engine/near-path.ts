import {relative, sep} from 'node:path';

/** Returns a path relative to the working folder, or unchanged if it is outside it. Keeps a trailing separator. */
export function nearPath(path: string, cwd: string): string {
	const near = relative(cwd, path);
	if (near === '') return '.';
	if (near.startsWith('..')) return path;
	return /[/\\]$/.test(path) ? `${near}${sep}` : near;
}
