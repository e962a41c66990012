import {relative, sep} from 'node:path';

/** A path as a person in the working folder would write it. A trailing separator stays. */
export function nearPath(path: string, cwd: string): string {
	const near = relative(cwd, path);
	if (near === '') return '.';
	if (near.startsWith('..')) return path;
	return /[/\\]$/.test(path) ? `${near}${sep}` : near;
}
