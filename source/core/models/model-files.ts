import {type Dirent, readdirSync, realpathSync, type Stats, statSync} from 'node:fs';
import {basename, extname, join} from 'node:path';
import {MigrError} from '../errors.ts';

/** The model files under a path, each kind sorted by its path. */
export interface ModelFiles {
	readonly modules: readonly string[];
	readonly sql: readonly string[];
	readonly python: readonly string[];
}

const kinds: Readonly<Record<string, keyof ModelFiles>> = {
	'.ts': 'modules',
	'.mts': 'modules',
	'.js': 'modules',
	'.mjs': 'modules',
	'.cts': 'modules',
	'.cjs': 'modules',
	'.sql': 'sql',
	'.py': 'python',
};

/**
 * Finds model files: `path` is a folder, read recursively, or one file. Left out are what begins with a dot, `node_modules`, `__pycache__`,
 * declaration files and tests.
 *
 * Throws MigrError('config') where there is nothing at `path`, or a file of a kind that no loader reads.
 */
export function findModelFiles(path: string): ModelFiles {
	const found: {readonly [kind in keyof ModelFiles]: string[]} = {modules: [], sql: [], python: []};
	const stats = lookAt(path);
	if (stats.isDirectory()) {
		for (const file of filesUnder(path)) {
			const kind = kindOf(file);
			if (kind !== undefined && !isNoModel(basename(file))) found[kind].push(file);
		}
	} else {
		const kind = kindOf(path);
		if (kind === undefined) {
			throw new MigrError('config', `${basename(path)} is no model file`, {
				hint: 'models are .ts, .mts, .cts, .js, .mjs, .cjs, .sql or .py files: change models_dir in migrate.toml',
				location: {file: path},
			});
		}
		found[kind].push(path);
	}
	return found;
}

function lookAt(path: string): Stats {
	try {
		return statSync(path);
	} catch (cause) {
		const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
		throw new MigrError('config', isMissing ? `there are no models at ${path}` : `the models at ${path} cannot be read`, {
			hint: isMissing ? 'make the folder, or change models_dir in migrate.toml' : `check the rights on ${path}`,
			cause,
		});
	}
}

function kindOf(file: string): keyof ModelFiles | undefined {
	return kinds[extname(file).toLowerCase()];
}

function isNoModel(name: string): boolean {
	return /\.d\.[mc]?ts$|\.(?:test|spec)\.[a-z]+$/i.test(name);
}

/** Every file, in the order of the names; folders in between, so that a listing and the order of the models agree. A link to a folder that it stands in is passed over. */
function filesUnder(folder: string, above: readonly string[] = []): string[] {
	let entries: Dirent[];
	let path: string;
	try {
		entries = readdirSync(folder, {withFileTypes: true});
		path = realpathSync(folder);
	} catch (cause) {
		throw new MigrError('model', 'a folder of models cannot be read', {location: {file: folder}, hint: `check the rights on ${folder}`, cause});
	}
	if (above.includes(path)) return [];
	entries.sort((a, b) => (a.name < b.name ? -1 : 1));
	return entries.flatMap((entry) => {
		if (entry.name.startsWith('.') || entry.name === 'node_modules' || entry.name === '__pycache__') return [];
		const file = join(folder, entry.name);
		return isFolder(entry, file) ? filesUnder(file, [...above, path]) : [file];
	});
}

function isFolder(entry: Dirent, path: string): boolean {
	if (!entry.isSymbolicLink()) return entry.isDirectory();
	try {
		return statSync(path, {throwIfNoEntry: false})?.isDirectory() === true;
	} catch (error) {
		// A link that leads to itself is no folder; read as a file, it is told.
		if ((error as NodeJS.ErrnoException).code === 'ELOOP') return false;
		throw error;
	}
}
