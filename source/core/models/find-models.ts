import {join, normalize, resolve} from 'node:path';
import {databaseFiles} from '../sqlite/database-files.ts';
import {findDrizzleSchema} from './drizzle/find-schema.ts';
import {typeAt} from './files-in-project.ts';
import type {FoundModels} from './found-models.ts';
import {findPrismaSchema} from './prisma/find-schema.ts';

/** Finds the models of another tool in the folder of a project. Reads only text, and executes nothing. */
export function findModels(folder: string): FoundModels | undefined {
	return findDrizzleSchema(folder) ?? findPrismaSchema(folder);
}

/** Returns the databases that these models may belong to, relative to the project: the one in the configuration, and those in its other folders. */
export function databasesOf({database, databaseFolder}: FoundModels, project: string): readonly string[] {
	const named = database === undefined ? [] : [normalize(database)].filter((path) => typeAt(resolve(project, path)) === 'file');
	const others = databaseFolder === '.' ? [] : databaseFiles(join(project, databaseFolder)).map((name) => `${databaseFolder}/${name}`);
	return [...named, ...others];
}
