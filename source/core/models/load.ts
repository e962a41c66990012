import {knowsShadowsOf, schemaOf, withoutShadows} from '../ddl/read.ts';
import type {Schema, SchemaObject} from '../schema/schema.ts';
import {buildCheck} from './build-check.ts';
import {crossCheck, mistakesError} from './cross-check.ts';
import type {Casing} from './drizzle/orm.ts';
import {findModelFiles} from './model-files.ts';
import {objectOf} from './objects.ts';
import {readSqlFile, readText} from './sql-file.ts';

export interface LoadOptions {
	/** Names and patterns (`legacy_*`) of tables that are not ours: models may refer to them. */
	readonly ignore?: readonly string[];
	/** The case of Drizzle columns without a name of their own, as drizzle-orm 0 is given it. */
	readonly casing?: Casing;
}

/**
 * The schema that the model files under `path` describe: a folder, read recursively, or one file. Modules are imported anew at each call.
 *
 * Throws MigrError `config` where there is no such path, and `model` with file and line for whatever is wrong with the models: it is found out
 * here, by really building the schema in memory, and not when a migration runs.
 */
export async function loadModels(path: string, options: LoadOptions = {}): Promise<Schema> {
	const files = findModelFiles(path);
	const modules = files.modules.length === 0 ? [] : await readModules(files.modules, options.casing);
	const python = files.python.length === 0 ? [] : await readPythonFiles(files.python);
	const schema = schemaOf([...modules, ...files.sql.flatMap(readSqlFile), ...python]);
	// A schema that the sqlite3 shell has printed holds them too.
	const known = schema.virtualTables.filter(({module}) => knowsShadowsOf(module));
	return checked(withoutShadows(schema, known), options.ignore ?? []);
}

async function readModules(files: readonly string[], casing: Casing | undefined): Promise<readonly SchemaObject[]> {
	const {readModuleFiles} = await import('./module-files.ts');
	const {loadSteady} = await import('./moving-defaults.ts');
	return await loadSteady(() => readModuleFiles(files, casing));
}

/** A parser of Python comes only with Python models. */
async function readPythonFiles(files: readonly string[]): Promise<readonly SchemaObject[]> {
	const {readPythonModels} = await import('./python/read.ts');
	return readPythonModels(files.map((path) => ({path, text: readText(path)}))).map(objectOf);
}

function checked(schema: Schema, ignore: readonly string[]): Schema {
	const mistakes = crossCheck(schema, ignore);
	if (mistakes.length > 0) throw mistakesError(mistakes);
	const failures = buildCheck(schema, ignore);
	if (failures.length > 0) throw mistakesError(failures);
	return schema;
}
