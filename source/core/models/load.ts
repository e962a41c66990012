import {knowsShadowsOf, schemaOf, withoutShadows} from '../ddl/read.ts';
import type {Schema, SchemaObject} from '../schema/schema.ts';
import {buildCheck} from './build-check.ts';
import {crossCheck, mistakesError} from './cross-check.ts';
import type {Casing} from './drizzle/orm.ts';
import {findModelFiles} from './model-files.ts';
import {objectOf} from './objects.ts';
import {readModelText, readSqlFile} from './sql-file.ts';

/** The options for loading models. */
export interface LoadOptions {
	/** Names and patterns (`legacy_*`) of tables that lite-migr does not manage. Models may refer to them. */
	readonly ignore?: readonly string[];
	/** The casing of Drizzle columns without an explicit name, as in drizzle-orm 0. */
	readonly casing?: Casing | undefined;
}

/**
 * Returns the schema that the model files under `paths` describe. Each path is one file, a folder that is read recursively, or a pattern. Each call imports the
 * modules again. The schema is built in memory, so mistakes are found here and not when a migration runs.
 *
 * @throws MigrError `config` if a path does not exist, and `model`, with file and line, if the models have an error
 */
export async function loadModels(paths: string | readonly string[], options: LoadOptions = {}): Promise<Schema> {
	const files = findModelFiles(paths);
	const modules = files.modules.length === 0 ? [] : await readModules(files.modules, options.casing);
	const python = files.python.length === 0 ? [] : await readPythonFiles(files.python);
	const prisma = files.prisma.length === 0 ? [] : await readPrismaFiles(files.prisma);
	const schema = schemaOf([...modules, ...files.sql.flatMap(readSqlFile), ...python, ...prisma]);
	// A schema that was printed by the sqlite3 shell also contains shadow tables.
	const withShadows = schema.virtualTables.filter(({module}) => knowsShadowsOf(module));
	return checked(withoutShadows(schema, withShadows), options.ignore ?? []);
}

async function readModules(files: readonly string[], casing: Casing | undefined): Promise<readonly SchemaObject[]> {
	const {readModuleFiles} = await import('./module-files.ts');
	const {loadUntilStable} = await import('./moving-defaults.ts');
	return await loadUntilStable(() => readModuleFiles(files, casing));
}

/** Reads Python models. The parser is loaded only if there are any. */
async function readPythonFiles(files: readonly string[]): Promise<readonly SchemaObject[]> {
	const {readPythonModels} = await import('./python/read.ts');
	return readPythonModels(files.map((path) => ({path, text: readModelText(path)}))).map(objectOf);
}

/** Reads a Prisma schema. The parser is loaded only if there is one. */
async function readPrismaFiles(files: readonly string[]): Promise<readonly SchemaObject[]> {
	const {readPrismaModels} = await import('./prisma/read.ts');
	return readPrismaModels(files.map((path) => ({path, text: readModelText(path)}))).map(objectOf);
}

function checked(schema: Schema, ignore: readonly string[]): Schema {
	const mistakes = crossCheck(schema, ignore);
	if (mistakes.length > 0) throw mistakesError(mistakes);
	const failures = buildCheck(schema, ignore);
	if (failures.length > 0) throw mistakesError(failures);
	return schema;
}
