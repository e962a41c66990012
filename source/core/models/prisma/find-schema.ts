import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {MigrError} from '../../errors.ts';
import type {FoundModels} from '../found-models.ts';
import {datasourceOf} from './datasource.ts';
import {parsePrisma} from './parse.ts';

/**
 * Finds the Prisma schema of the project in a folder, if it is for SQLite: in the usual places, or where `package.json` says. Nothing is executed, so
 * a place that only `prisma.config.ts` knows is not found.
 */
export function findPrismaSchema(folder: string): FoundModels | undefined {
	for (const place of [placeInPackage(folder), 'prisma/schema.prisma', 'schema.prisma', 'prisma/schema', 'prisma']) {
		if (place === undefined || !existsSync(join(folder, place))) continue;
		const isFile = place.endsWith('.prisma');
		const own = isFile ? dirname(place) : place;
		const files = own === '.' ? [place] : schemaFiles(folder, own);
		// A folder with several files is one schema, unless the main file has everything.
		const isWhole = isFile && isForSqlite([join(folder, place)]);
		if (isWhole && files.length === 1) return foundAt(`./${place}`, own);
		if (files.length > 1 && isForSqlite(files.map((file) => join(folder, file)))) return foundAt(`./${own}/**/*.prisma`, own);
		if (isWhole) return foundAt(`./${place}`, own);
	}
	return undefined;
}

/** Prisma 6 keeps the database in the folder of the schema. */
function foundAt(models: string, databaseFolder: string): FoundModels {
	return {kind: 'Prisma', models, databaseFolder, database: undefined, casing: undefined};
}

/** Returns the place in the key `prisma.schema` of `package.json`. */
function placeInPackage(folder: string): string | undefined {
	try {
		const {prisma} = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {readonly prisma?: {readonly schema?: unknown}};
		return typeof prisma?.schema === 'string' ? prisma.schema.replace(/^\.\//, '').replace(/\/$/, '') : undefined;
	} catch {
		// Without a readable package.json there are only the usual places.
		return undefined;
	}
}

/** Returns the `.prisma` files in a folder, relative to the project. */
function schemaFiles(project: string, folder: string): readonly string[] {
	return readdirSync(join(project, folder), {withFileTypes: true, recursive: true})
		.filter((entry) => entry.isFile() && entry.name.endsWith('.prisma') && !entry.parentPath.includes('node_modules'))
		.map((entry) => join(entry.parentPath, entry.name).slice(project.length + 1))
		.sort();
}

function isForSqlite(files: readonly string[]): boolean {
	try {
		datasourceOf(files.map((path) => parsePrisma(path, readFileSync(path, 'utf8'))));
		return true;
	} catch (error) {
		// The schema is for another database, or has an error that Prisma reports as well.
		if (error instanceof MigrError || (error as NodeJS.ErrnoException).code !== undefined) return false;
		throw error;
	}
}
