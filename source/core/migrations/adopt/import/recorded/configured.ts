import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {MigrError} from '../../../../errors.ts';
import type {BindingDriver} from './bound-value.ts';

/** The settings of a tool in a project's files. The files are read as text, and not executed. */
export interface Configured {
	readonly driver: BindingDriver;
	/** The names of migration tables in the knexfile. */
	readonly tables: readonly string[];
}

/**
 * Reads the knexfile next to the migrations, or above them up to the folder of package.json, and the dependencies in package.json.
 *
 * @throws MigrError `migration` for a knexfile that renames tables and columns: only Knex knows the names that it creates
 */
export function configuredIn(folder: string): Configured {
	const folders = foldersUpToPackage(folder);
	const knexfile = folders.flatMap((each) => namesIn(each, /^knexfile\.[cm]?[jt]s$/))[0];
	const text = knexfile === undefined ? '' : withoutComments(readFileSync(knexfile, 'utf8'));
	const renames = /\bwrapIdentifier\b|\bknexSnakeCaseMappers\b|\bknexIdentifierMapp(?:ers|ing)\b/.exec(text);
	if (renames !== null && knexfile !== undefined) {
		const line = text.slice(0, renames.index).split('\n').length;
		throw new MigrError('migration', `${renames[0]} changes the names in the database, and lite-migr does not run the knexfile`, {
			location: {file: knexfile, line},
			hint: 'to start from the current database without its history, run lite-migr baseline <name>: its tables become the first migration, and no table is changed',
		});
	}
	const clients = new Set(
		[...text.matchAll(/\bclient\s*:\s*(['"`])(better-sqlite3|sqlite3?)\1/g)].map(([, , name]) => (name === 'sqlite' ? 'sqlite3' : name)),
	);
	const tables = [...text.matchAll(/\btableName\s*:\s*(['"`])([^'"`]+)\1/g)].map(([, , name = '']) => name);
	return {driver: only(clients) ?? only(dependenciesIn(folders)) ?? 'unknown', tables};
}

function only(names: ReadonlySet<string | undefined>): BindingDriver | undefined {
	const [first] = names;
	return names.size === 1 ? (first as BindingDriver) : undefined;
}

/** Returns the folder and its parents, up to the one with package.json. */
function foldersUpToPackage(folder: string): readonly string[] {
	const folders: string[] = [];
	for (let at = folder; ; at = dirname(at)) {
		folders.push(at);
		if (existsSync(join(at, 'package.json')) || dirname(at) === at) return folders;
	}
}

function namesIn(folder: string, pattern: RegExp): readonly string[] {
	return readdirSync(folder)
		.filter((name) => pattern.test(name))
		.map((name) => join(folder, name));
}

function dependenciesIn(folders: readonly string[]): ReadonlySet<string> {
	const manifest = join(folders.at(-1) ?? '', 'package.json');
	const found = new Set<string>();
	if (!existsSync(manifest)) return found;
	let content: Readonly<Record<string, unknown>>;
	try {
		content = JSON.parse(readFileSync(manifest, 'utf8'));
	} catch (cause) {
		throw new MigrError('config', `package.json cannot be read: ${(cause as Error).message}`, {
			location: {file: manifest},
			hint: 'fix the file',
			cause,
		});
	}
	for (const field of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'])
		for (const name of ['better-sqlite3', 'sqlite3']) if (Object.hasOwn((content[field] ?? {}) as object, name)) found.add(name);
	return found;
}

/** Replaces comments by spaces, so that lines keep their numbers. Good enough for a file whose strings contain `//` only in URLs. */
function withoutComments(text: string): string {
	return text.replace(/\/\*[\s\S]*?\*\/|(?<![:\w'"`/])\/\/[^\n]*/g, (comment) => comment.replace(/[^\n]/g, ' '));
}
