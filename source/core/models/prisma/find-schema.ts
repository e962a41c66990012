import {readFileSync} from 'node:fs';
import {dirname, isAbsolute, join, relative, resolve} from 'node:path';
import {MigrError} from '../../errors.ts';
import {type ConfigText, databaseIn, readConfigText} from '../config-text.ts';
import {entriesIn, readableText, typeAt} from '../files-in-project.ts';
import type {FoundModels} from '../found-models.ts';
import {datasourceOf} from './datasource.ts';
import {parsePrisma} from './parse.ts';

/**
 * Finds the Prisma schema of the project in a folder, if it is for SQLite: the one that `prisma.config` or `package.json` names, or one in the usual
 * places. Nothing is executed, so a path that the configuration computes is not found.
 */
export function findPrismaSchema(project: string): FoundModels | undefined {
	const config = readConfigText(
		project,
		['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map((ending) => `prisma.config.${ending}`),
	);
	for (const place of [placeIn(config), placeInPackage(project), 'prisma/schema.prisma', 'schema.prisma', 'prisma/schema', 'prisma']) {
		if (place === undefined) continue;
		const path = resolve(project, place);
		const type = typeAt(path);
		if (type === undefined) continue;
		const own = type === 'file' ? dirname(path) : path;
		const files = own === project ? [path] : schemaFiles(own);
		// A folder with several files is one schema, unless the main file has everything.
		const isWhole = type === 'file' && isForSqlite([path]);
		const found = isWhole && files.length === 1 ? undefined : schemaOf(own, files);
		if (found !== undefined || isWhole) return foundAt(project, own, {paths: found ?? [path], database: databaseIn(config)});
	}
	return undefined;
}

/** Returns paths for `models_dir`, if the files of a folder are one schema. */
function schemaOf(folder: string, files: readonly string[]): readonly string[] | undefined {
	if (files.length === 0 || !isForSqlite(files)) return undefined;
	// In a pattern, these characters have a meaning.
	return files.length === 1 || /[*?[\]{}()!+@]/.test(folder) ? files : [join(folder, '**/*.prisma')];
}

/** Prisma 6 keeps the database in the folder of the schema. */
function foundAt(project: string, own: string, {paths, database}: {paths: readonly string[]; database: string | undefined}): FoundModels {
	const models = paths.map((path) => {
		const near = slashed(relative(project, path));
		return isAbsolute(near) || near.startsWith('../') ? near : `./${near}`;
	});
	return {
		kind: 'Prisma',
		models: models.length === 1 ? models.join() : models,
		databaseFolder: slashed(relative(project, own)) || '.',
		database,
		casing: undefined,
	};
}

function slashed(path: string): string {
	return path.replaceAll('\\', '/');
}

function placeIn(config: ConfigText | undefined): string | undefined {
	const place = config?.stringAt('schema');
	return place === undefined ? undefined : slashed(place);
}

/** Returns the place in the key `prisma.schema` of `package.json`. */
function placeInPackage(project: string): string | undefined {
	try {
		const {prisma} = JSON.parse(readableText(join(project, 'package.json')) ?? '{}') as {readonly prisma?: {readonly schema?: unknown}};
		return typeof prisma?.schema === 'string' ? slashed(prisma.schema) : undefined;
	} catch {
		// Without a valid package.json, only the usual places are searched.
		return undefined;
	}
}

/** Returns the `.prisma` files in a folder. */
function schemaFiles(folder: string): readonly string[] {
	return entriesIn(folder, {recursive: true})
		.filter((entry) => entry.isFile() && entry.name.endsWith('.prisma') && !entry.parentPath.includes('node_modules'))
		.map((entry) => join(entry.parentPath, entry.name))
		.sort();
}

function isForSqlite(files: readonly string[]): boolean {
	try {
		datasourceOf(files.map((path) => parsePrisma(path, readFileSync(path, 'utf8'))));
		return true;
	} catch (error) {
		// A schema for SQLite with a mistake is found too: loading it reports the mistake and its line. Other errors are about another database.
		if (error instanceof MigrError) return files.some((path) => /^\s*provider\s*=\s*"sqlite"/m.test(readableText(path) ?? ''));
		if ((error as NodeJS.ErrnoException).code !== undefined) return false;
		throw error;
	}
}
