import {isAbsolute, join, normalize, resolve} from 'node:path';
import {databaseIn, readConfigText} from '../config-text.ts';
import {entriesIn, readableText, typeAt} from '../files-in-project.ts';
import type {FoundModels} from '../found-models.ts';

/**
 * Finds the Drizzle schema of the project in a folder, if it is for SQLite: the one that `drizzle.config` names, or one in the usual places. Nothing
 * is executed, so a path that the configuration computes is not found.
 */
export function findDrizzleSchema(folder: string): FoundModels | undefined {
	const config = readConfigText(
		folder,
		['ts', 'mts', 'js', 'mjs', 'cjs', 'json'].map((ending) => `drizzle.config.${ending}`),
	);
	const dialect = config?.stringAt('dialect');
	if (dialect !== undefined && !sqliteDialects.has(dialect)) return undefined;
	const named = config?.stringsAt('schema').map(normalizedPath) ?? [];
	const existing = named.filter((path) => /[*?{]/.test(path) || isSchema(resolve(folder, path)));
	const found = existing.length > 0 ? existing : usualPlaces.filter((place) => isSchema(join(folder, place))).slice(0, 1);
	if (found.length === 0) return undefined;
	const paths = found.map((path) => (isAbsolute(path) ? path : `./${path}`));
	return {
		kind: 'Drizzle',
		models: paths.length === 1 ? paths.join() : paths,
		databaseFolder: '.',
		database: databaseIn(config),
		casing: config?.allAt('casing').find((casing) => casing === 'snake_case' || casing === 'camelCase'),
	};
}

/** The usual places of the schema in the documentation of Drizzle and of frameworks, most specific first. */
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

function normalizedPath(path: string): string {
	return normalize(path.replaceAll('\\', '/')).replaceAll('\\', '/').replace(/\/$/, '');
}

/** True for a module, or a folder with a module, that defines tables of SQLite with Drizzle. */
function isSchema(path: string): boolean {
	if (typeAt(path) === 'folder') return entriesIn(path, {recursive: false}).some(({name}) => isSchemaModule(join(path, name)));
	return isSchemaModule(path);
}

function isSchemaModule(path: string): boolean {
	return /\.[cm]?[jt]sx?$/.test(path) && readableText(path)?.includes('drizzle-orm/sqlite-core') === true;
}
