import {readdirSync} from 'node:fs';
import {basename, extname, join, resolve} from 'node:path';
import {MigrError} from '../errors.ts';
import {clean} from '../text/clean.ts';
import {fileProblem} from '../text/file-problem.ts';

/** A database as an old release of the program left it. */
export interface ReleasedDatabase {
	/** The name of the file without its extension. */
	readonly name: string;
	readonly path: string;
}

const endings = ['.db', '.sqlite', '.sqlite3', '.sql'];

/** Lists the database files and SQL dumps in a folder. */
export function listReleases(folder: string, cwd: string): readonly ReleasedDatabase[] {
	const path = resolve(cwd, folder);
	let names: readonly string[];
	try {
		names = readdirSync(path);
	} catch (cause) {
		throw new MigrError('files', `cannot read the released databases in ${clean(path)}: ${fileProblem(cause)}`, {cause});
	}
	const found = names.filter((name) => endings.includes(extname(name))).toSorted();
	// A test of no databases would pass without checking anything.
	if (found.length === 0) {
		throw new MigrError('files', `no released databases in ${clean(path)}`, {hint: `expected files that end in ${endings.join(', ')}`});
	}
	return found.map((name) => ({name: basename(name, extname(name)), path: join(path, name)}));
}
