import {type Dirent, existsSync, globSync, readdirSync, realpathSync, type Stats, statSync} from 'node:fs';
import {basename, dirname, extname, join, resolve, sep} from 'node:path';
import {MigrError} from '../errors.ts';

/** The model files under a path, by kind and sorted by path. */
export interface ModelFiles {
	readonly modules: readonly string[];
	readonly sql: readonly string[];
	readonly python: readonly string[];
	readonly prisma: readonly string[];
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
	'.prisma': 'prisma',
};

/**
 * Finds model files. Each path is one file, a folder that is read recursively, or a pattern such as `src/db/*.ts`. Skips names that begin with a
 * dot, `node_modules`, `__pycache__`, declaration files, tests and the migrations of Prisma.
 *
 * @throws MigrError `config` if a path does not exist or is a file of an unsupported kind, if nothing matches a pattern, or if a folder or
 * a pattern has a Prisma schema and modules
 */
export function findModelFiles(paths: string | readonly string[]): ModelFiles {
	return together(
		[paths].flat().map((path) => {
			const files = together(matching(path).map(filesAt));
			refuseScripts(path, files);
			return files;
		}),
	);
}

function together(all: readonly ModelFiles[]): ModelFiles {
	const union = (kind: keyof ModelFiles) => [...new Set(all.flatMap((files) => files[kind]))];
	return {modules: union('modules'), sql: union('sql'), python: union('python'), prisma: union('prisma')};
}

/** Returns the paths of all model files, like `findModelFiles`. */
export function allModelFiles(paths: string | readonly string[]): readonly string[] {
	return Object.values(findModelFiles(paths)).flat();
}

function isPattern(path: string): boolean {
	return /[*?[\]{}]/.test(path) && !existsSync(path);
}

/** Returns the files and folders that match a pattern, or the path itself if it exists or is not a pattern. */
function matching(path: string): readonly string[] {
	if (!isPattern(path)) return [path];
	// Node's patterns use slashes on every platform.
	const found = globSync(path.replaceAll('\\', '/')).toSorted();
	if (found.length > 0) return found.map((file) => resolve(file));
	throw new MigrError('config', `no models match ${path}`, {hint: 'create a model there, or change models_dir in migrate.toml'});
}

function filesAt(path: string): ModelFiles {
	const found: {readonly [kind in keyof ModelFiles]: string[]} = {modules: [], sql: [], python: [], prisma: []};
	const stats = statPath(path);
	if (stats.isDirectory()) {
		for (const file of filesUnder(path)) {
			const kind = kindOf(file);
			if (kind !== undefined && !isExcluded(basename(file))) found[kind].push(file);
		}
	} else {
		const kind = kindOf(path);
		if (kind === undefined) {
			throw new MigrError('config', `${basename(path)} is not a model file`, {
				hint: 'set models_dir in migrate.toml to a folder, or to a .ts, .mts, .cts, .js, .mjs, .cjs, .sql, .py or .prisma file',
				location: {file: path},
			});
		}
		found[kind].push(path);
	}
	return found;
}

/**
 * Refuses a folder or a pattern with a Prisma schema and modules. The modules may be scripts of the project, such as one that fills the database, and
 * would run.
 */
function refuseScripts(path: string, {prisma, modules}: ModelFiles): void {
	const [module] = modules;
	const [schema] = prisma;
	if (schema === undefined || module === undefined) return;
	const folder = isPattern(path) ? dirname(schema) : path;
	const alone = prisma.length === 1 ? schema : join(folder, '**/*.prisma');
	const others = join(folder, `**/*${extname(module)}`);
	throw new MigrError('config', `${path} has a Prisma schema and other modules, which lite-migr would run`, {
		location: {file: module},
		hint: `list files in models_dir: "${alone}" for the Prisma schema, "${others}" if the modules are models, or both`,
	});
}

function statPath(path: string): Stats {
	try {
		return statSync(path);
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
			throw new MigrError('config', `no models at ${path}`, {hint: hintForMissing(path), cause});
		throw new MigrError('config', `cannot read the models at ${path}`, {hint: `check the permissions of ${path}`, cause});
	}
}

function hintForMissing(path: string): string {
	if (sep === '/' && path.includes('\\')) return 'write / instead of \\ in models_dir: it works on every system';
	return 'create the folder, or change models_dir in migrate.toml';
}

function kindOf(file: string): keyof ModelFiles | undefined {
	return kinds[extname(file).toLowerCase()];
}

function isExcluded(name: string): boolean {
	return /\.d\.[mc]?ts$|\.(?:test|spec)\.[a-z]+$/i.test(name);
}

/** Returns all files in a folder, sorted by name, with folders and files mixed as in a listing. Skips a link to a folder that contains it. */
function filesUnder(folder: string, above: readonly string[] = []): string[] {
	let entries: Dirent[];
	let path: string;
	try {
		entries = readdirSync(folder, {withFileTypes: true});
		path = realpathSync(folder);
	} catch (cause) {
		throw new MigrError('model', 'cannot read a folder of models', {location: {file: folder}, hint: `check the permissions of ${folder}`, cause});
	}
	if (above.includes(path) || isPrismaHistory(entries)) return [];
	entries.sort((a, b) => (a.name < b.name ? -1 : 1));
	return entries.flatMap((entry) => {
		if (entry.name.startsWith('.') || entry.name === 'node_modules' || entry.name === '__pycache__') return [];
		const file = join(folder, entry.name);
		return isFolder(entry, file) ? filesUnder(file, [...above, path]) : [file];
	});
}

/** True for the migrations of Prisma, which are next to its schema. Their SQL files are not models. */
function isPrismaHistory(entries: readonly Dirent[]): boolean {
	return entries.some(({name}) => name === 'migration_lock.toml');
}

function isFolder(entry: Dirent, path: string): boolean {
	if (!entry.isSymbolicLink()) return entry.isDirectory();
	try {
		return statSync(path, {throwIfNoEntry: false})?.isDirectory() === true;
	} catch (error) {
		// A link to itself is not a folder. Reading it as a file reports the problem.
		if ((error as NodeJS.ErrnoException).code === 'ELOOP') return false;
		throw error;
	}
}
