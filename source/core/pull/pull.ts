import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {MigrError, restated} from '../errors.ts';
import {withSettledDrizzle} from '../migrations/draft/settled-drizzle.ts';
import {type SchemaDifference, schemaDifferences} from '../migrations/replay/schema-differences.ts';
import {loadModels} from '../models/load.ts';
import {allModelFiles} from '../models/model-files.ts';
import {sameName} from '../schema/identifiers.ts';
import {emptySchema, type Schema} from '../schema/schema.ts';
import {requireParents} from './parents.ts';
import {readableSchema} from './readable.ts';
import {pulledSql} from './sql.ts';
import {pulledTypescript} from './typescript.ts';

export type PullFormat = 'ts' | 'sql' | 'drizzle';

export interface PulledFile {
	/** The file's name in the models folder. */
	readonly name: string;
	readonly text: string;
	/** True if a file of this name already exists. */
	readonly exists: boolean;
	/** True if the existing file has the same text. */
	readonly isSame: boolean;
}

export interface Pulled {
	readonly files: readonly PulledFile[];
	/** Model files in the folder that would not be replaced. Their objects would be defined twice. */
	readonly others: readonly string[];
	/** Objects that were rewritten or omitted because SQLite no longer accepts their stored text, one per line. */
	readonly rewrittenStrings: readonly string[];
	/** Features that the format cannot represent, one per line. */
	readonly limitations: readonly string[];
	/** Objects that differ when the files are read again. Empty if the format can represent everything. */
	readonly differences: readonly SchemaDifference[];
}

/**
 * Converts a schema to model files, and reads them back to prove that they mean the same. Leaves no files in the models folder.
 *
 * @param ignore names of tables that lite-migr does not manage, which foreign keys may refer to
 * @throws MigrError `model` if the files cannot be read back, `files` if the folder cannot be written
 */
export async function pullModels(stored: Schema, format: PullFormat, modelsDir: string, ignore: readonly string[] = []): Promise<Pulled> {
	const {schema, rewrittenStrings} = readableSchema(stored);
	// Drizzle models omit such keys and report them.
	if (format !== 'drizzle') requireParents(schema, ignore);
	const {files, limitations} = await filesOf(schema, format, modelsDir);
	// Drizzle files go into the models folder, so they import the project's own drizzle-orm. Loaders skip names that begin with a dot.
	const trial = join(format === 'drizzle' ? modelsDir : tmpdir(), `.pull-${crypto.randomUUID()}`);
	const firstNewFolder = makeFolder(trial);
	try {
		for (const {name, text} of files) writeFileSync(join(trial, name), text);
		const readBack = await loadModels(trial, {ignore});
		const targets = files.map(({name}) => join(modelsDir, name));
		return {
			files: files.map((file) => ({...file, ...presenceOf(join(modelsDir, file.name), file.text)})),
			others: modelFilesIn(modelsDir).filter((file) => !targets.includes(file)),
			rewrittenStrings,
			limitations,
			differences: schemaDifferences(schema, withSettledDrizzle(readBack, schema)),
		};
	} catch (error) {
		// The trial file no longer exists when the user reads the error.
		if (!(error instanceof MigrError) || error.location?.file?.startsWith(trial) !== true) throw error;
		throw restated(error, {message: error.message.replaceAll(join(trial, '/'), ''), location: null});
	} finally {
		rmSync(trial, {recursive: true, force: true});
		removeEmpty(dirname(trial), firstNewFolder);
	}
}

/** Creates a folder and its parents. Returns the first folder that did not exist, which may be a parent. */
function makeFolder(folder: string): string {
	try {
		return mkdirSync(folder, {recursive: true}) ?? folder;
	} catch (cause) {
		throw new MigrError('files', `cannot create a folder for the models: ${(cause as Error).message}`, {
			hint: "check the folder's permissions, or change models_dir in migrate.toml",
			cause,
		});
	}
}

/** Removes a folder and its parents, up to the first folder that was created. Keeps folders that are not empty. */
function removeEmpty(folder: string, firstNewFolder: string): void {
	for (let each = folder; each.length >= firstNewFolder.length && existsSync(each) && readdirSync(each).length === 0; each = dirname(each))
		rmdirSync(each);
}

function presenceOf(path: string, text: string): Pick<PulledFile, 'exists' | 'isSame'> {
	try {
		return {exists: true, isSame: readFileSync(path, 'utf8') === text};
	} catch {
		// A folder, or a file that cannot be read: it exists and its text differs.
		return {exists: existsSync(path), isSame: false};
	}
}

/**
 * Writes the files to the models folder, each atomically. Returns their paths.
 *
 * @throws MigrError `files`, before writing anything, if the folder cannot be written or a file was created since the models were generated
 */
export function writePulled({files}: Pick<Pulled, 'files'>, modelsDir: string): readonly string[] {
	const newFile = files.find(({name, exists}) => !exists && existsSync(join(modelsDir, name)));
	if (newFile !== undefined) {
		throw new MigrError('files', `${newFile.name} was created in the meantime; nothing was written`, {
			location: {file: join(modelsDir, newFile.name)},
			hint: 'check that file, then run lite-migr pull again',
		});
	}
	const replacements = files.map(({name, text}) => ({text, path: join(modelsDir, name), temporary: join(modelsDir, `.${crypto.randomUUID()}.tmp`)}));
	makeFolder(modelsDir);
	try {
		// Write all files before replacing the first one.
		for (const {text, temporary} of replacements) writeFileSync(temporary, text);
		for (const {path, temporary} of replacements) renameSync(temporary, path);
		return replacements.map(({path}) => path);
	} catch (cause) {
		for (const {temporary} of replacements) rmSync(temporary, {force: true});
		throw new MigrError('files', `cannot write the models: ${(cause as Error).message}`, {
			location: {file: modelsDir},
			hint: "check the folder's permissions",
			cause,
		});
	}
}

async function filesOf(
	schema: Schema,
	format: PullFormat,
	modelsDir: string,
): Promise<{readonly files: readonly {readonly name: string; readonly text: string}[]; readonly limitations: readonly string[]}> {
	if (format === 'sql') return {files: [{name: 'schema.sql', text: pulledSql(schema)}], limitations: []};
	if (format === 'ts') return {files: [{name: 'schema.ts', text: pulledTypescript(schema)}], limitations: []};
	const {pulledDrizzle} = await import('./drizzle.ts');
	const {findGeneration} = await import('../models/drizzle/orm.ts');
	// If drizzle-orm is not installed yet, assume the newest release.
	const {text, rest, limitations} = pulledDrizzle(schema, (await findGeneration(modelsDir)) ?? 0);
	const beside: Schema = {
		...emptySchema,
		views: rest.filter((object) => object.kind === 'view'),
		triggers: rest.filter((object) => object.kind === 'trigger'),
		virtualTables: rest.filter((object) => object.kind === 'virtualTable'),
	};
	return {
		files: [
			{name: 'schema.ts', text},
			...(rest.length === 0 ? [] : [{name: 'beside-drizzle.sql', text: pulledSql({...beside, tables: []}) + triggersOfTables(beside)}]),
		],
		limitations: limitations.map(({object, what}) => `${object}: ${what}`),
	};
}

/** Returns the triggers whose tables are in the other file. */
function triggersOfTables({triggers, views}: Schema): string {
	const isOnView = (table: string) => views.some(({name}) => sameName(name, table));
	return triggers
		.filter(({table}) => !isOnView(table))
		.map(({sql}) => `\n${sql};\n`)
		.join('');
}

function modelFilesIn(modelsDir: string): readonly string[] {
	return existsSync(modelsDir) ? allModelFiles(modelsDir) : [];
}
