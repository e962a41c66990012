import {existsSync, readdirSync, readFileSync, statSync} from 'node:fs';
import {join, normalize} from 'node:path';
import type {FoundModels} from '../found-models.ts';

/**
 * Finds the Drizzle schema of the project in a folder, if it is for SQLite: where `drizzle.config` says, or in the usual places. Nothing is executed, so
 * a path that the configuration computes is not found.
 */
export function findDrizzleSchema(folder: string): FoundModels | undefined {
	const config = configIn(folder);
	if (config !== undefined && config.dialect !== undefined && !sqliteDialects.has(config.dialect)) return undefined;
	const named = config?.schemas.map(normalizedPath).filter((path) => /[*?{]/.test(path) || isSchema(join(folder, path))) ?? [];
	const found = named.length > 0 ? named : usualPlaces.filter((place) => isSchema(join(folder, place))).slice(0, 1);
	if (found.length === 0) return undefined;
	const paths = found.map((path) => `./${path}`);
	return {
		kind: 'Drizzle',
		models: paths.length === 1 ? paths.join() : paths,
		databaseFolder: '.',
		database: config?.database,
		casing: config?.casing,
	};
}

/** Where the documentation of Drizzle and of frameworks puts the schema, most specific first. */
const usualPlaces = [
	'src/lib/server/db',
	'src/server/db',
	'server/database',
	'server/db',
	'src/db',
	'src/lib/db',
	'src',
	'app/db',
	'lib/db',
	'db',
	'drizzle',
	'.',
].flatMap((place) => ['schema.ts', 'schema.js', 'schema'].map((name) => normalize(join(place, name))));

const sqliteDialects: ReadonlySet<string> = new Set(['sqlite', 'turso']);

/** The parts of a configuration of drizzle-kit that are constants. */
interface DrizzleConfig {
	readonly dialect: string | undefined;
	readonly schemas: readonly string[];
	/** The path of the database. Undefined for a server. */
	readonly database: string | undefined;
	readonly casing: FoundModels['casing'];
}

function configIn(folder: string): DrizzleConfig | undefined {
	const file = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json'].map((ending) => join(folder, `drizzle.config.${ending}`)).find((path) => existsSync(path));
	if (file === undefined) return undefined;
	const text = withoutComments(readFileSync(file, 'utf8'));
	const url = stringAt(text, 'url');
	const casing = stringAt(text, 'casing');
	return {
		dialect: stringAt(text, 'dialect'),
		schemas: stringsAt(text, 'schema'),
		database: url === undefined || /^(?!file:)\w+:/.test(url) ? undefined : url.replace(/^file:/, ''),
		casing: casing === 'snake_case' || casing === 'camelCase' ? casing : undefined,
	};
}

const literal = String.raw`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\`(?:[^\`\\$]|\\.)*\``;

/** Removes comments, except in strings such as `'https://…'`. */
function withoutComments(text: string): string {
	return text.replace(new RegExp(`(${literal})|//[^\\n]*|/\\*[\\s\\S]*?\\*/`, 'g'), (_found, kept: string | undefined) => kept ?? ' ');
}

/** Returns the value of a key, if it is a string. */
function stringAt(text: string, key: string): string | undefined {
	const found = new RegExp(`(?<![\\w$])['"]?${key}['"]?\\s*:\\s*(${literal})`).exec(text)?.[1];
	return found?.slice(1, -1);
}

/** Returns the value of a key, if it is a string or a list of strings. */
function stringsAt(text: string, key: string): readonly string[] {
	const one = stringAt(text, key);
	if (one !== undefined) return [one];
	const list = new RegExp(`(?<![\\w$])['"]?${key}['"]?\\s*:\\s*\\[((?:\\s*(?:${literal})\\s*,?)*)\\s*\\]`).exec(text)?.[1] ?? '';
	return [...list.matchAll(new RegExp(literal, 'g'))].map(([value]) => value.slice(1, -1));
}

function normalizedPath(path: string): string {
	return normalize(path).replaceAll('\\', '/').replace(/\/$/, '');
}

/** True for a module, or a folder with a module, that defines tables of SQLite with Drizzle. */
function isSchema(path: string): boolean {
	const stats = statSync(path, {throwIfNoEntry: false});
	if (stats?.isDirectory() === true) return readdirSync(path).some((name) => isModule(name) && isSchema(join(path, name)));
	return stats?.isFile() === true && isModule(path) && readFileSync(path, 'utf8').includes('drizzle-orm/sqlite-core');
}

function isModule(path: string): boolean {
	return /\.[cm]?[jt]sx?$/.test(path);
}
