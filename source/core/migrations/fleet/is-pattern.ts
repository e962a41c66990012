import {existsSync} from 'node:fs';
import {resolve} from 'node:path';

/** True if the name of a database is a pattern such as `tenants/*.db`, and not the name of an existing file in `cwd`. */
export function isPattern(name: string, cwd: string): boolean {
	if (!/[*?[\]{}]/.test(name)) return false;
	// An address may contain a question mark.
	if (/^[A-Za-z][A-Za-z0-9+.-]+:/.test(name)) return false;
	return !existsSync(resolve(cwd, name));
}
