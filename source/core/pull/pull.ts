import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {MigrError, restated} from '../errors.ts';
import {type SchemaDifference, schemaDifferences} from '../migrations/replay/schema-differences.ts';
import {loadModels} from '../models/load.ts';
import {findModelFiles} from '../models/model-files.ts';
import {sameName} from '../schema/identifiers.ts';
import {emptySchema, type Schema} from '../schema/schema.ts';
import {requireParents} from './parents.ts';
import {readableSchema} from './readable.ts';
import {pulledSql} from './sql.ts';
import {pulledTypescript} from './typescript.ts';

export type PullFormat = 'ts' | 'sql' | 'drizzle';

export interface PulledFile {
	/** In the models folder. */
	readonly name: string;
	readonly text: string;
	/** True where a file of this name is there already. */
	readonly exists: boolean;
	/** True where that file says just the same. */
	readonly isSame: boolean;
}

export interface Pulled {
	readonly files: readonly PulledFile[];
	/** Model files that are in the folder and would not be replaced: what they define would be defined twice. */
	readonly others: readonly string[];
	/** What is written otherwise than it is stored, or left out, since SQLite would no longer take it; a line each. */
	readonly mended: readonly string[];
	/** What the format cannot say, a line each. */
	readonly unsaid: readonly string[];
	/** What comes out differently when the files are read again; empty for all that the format can say. */
	readonly differences: readonly SchemaDifference[];
}

/**
 * A schema as model files, read back to prove that they mean the same. Nothing is left behind in the models folder.
 *
 * @param ignore names of tables that are not ours: foreign keys may refer to them
 * @throws MigrError `model` where the files cannot be read back, `files` where the folder cannot be written
 */
export async function pullModels(stored: Schema, format: PullFormat, modelsDir: string, ignore: readonly string[] = []): Promise<Pulled> {
	const {schema, mended} = readableSchema(stored);
	// Drizzle's have no such keys, and say so.
	if (format !== 'drizzle') requireParents(schema, ignore);
	const {files, unsaid} = await filesOf(schema, format, modelsDir);
	// Drizzle's stand beside the models, so that they import the project's own drizzle-orm; a name with a dot is read by no loader.
	const trial = join(format === 'drizzle' ? modelsDir : tmpdir(), `.pull-${crypto.randomUUID()}`);
	const made = makeFolder(trial);
	try {
		for (const {name, text} of files) writeFileSync(join(trial, name), text);
		const readBack = await loadModels(trial, {ignore});
		const wanted = files.map(({name}) => join(modelsDir, name));
		return {
			files: files.map((file) => ({...file, ...presenceOf(join(modelsDir, file.name), file.text)})),
			others: modelFilesIn(modelsDir).filter((file) => !wanted.includes(file)),
			mended,
			unsaid,
			differences: schemaDifferences(schema, readBack),
		};
	} catch (error) {
		// The file that it is in is gone by the time somebody looks.
		if (!(error instanceof MigrError) || error.location?.file?.startsWith(trial) !== true) throw error;
		throw restated(error, {message: error.message.replaceAll(join(trial, '/'), ''), location: null});
	} finally {
		rmSync(trial, {recursive: true, force: true});
		removeEmpty(dirname(trial), made);
	}
}

/** Makes a folder; the first of the folders that were not there, which may be one that it lies in. */
function makeFolder(folder: string): string {
	try {
		return mkdirSync(folder, {recursive: true}) ?? folder;
	} catch (cause) {
		throw new MigrError('files', `a folder for the models cannot be made: ${(cause as Error).message}`, {
			hint: 'check the rights on the folder, or change models_dir in migrate.toml',
			cause,
		});
	}
}

/** Removes a folder, and those around it up to one that was made, unless somebody has put something into it. */
function removeEmpty(folder: string, made: string): void {
	for (let each = folder; each.length >= made.length && existsSync(each) && readdirSync(each).length === 0; each = dirname(each)) rmdirSync(each);
}

function presenceOf(path: string, text: string): Pick<PulledFile, 'exists' | 'isSame'> {
	try {
		return {exists: true, isSame: readFileSync(path, 'utf8') === text};
	} catch {
		// A folder, or a file that cannot be read: it is there, and says something else.
		return {exists: existsSync(path), isSame: false};
	}
}

/**
 * Puts the files into the models folder, each whole; returns their paths.
 *
 * @throws MigrError `files` where the folder cannot be written, or a file has come in that was not there when the models were made; nothing is written
 */
export function writePulled({files}: Pick<Pulled, 'files'>, modelsDir: string): readonly string[] {
	const newcomer = files.find(({name, exists}) => !exists && existsSync(join(modelsDir, name)));
	if (newcomer !== undefined) {
		throw new MigrError('files', `${newcomer.name} has come in meanwhile; nothing was written`, {
			location: {file: join(modelsDir, newcomer.name)},
			hint: 'look at it, then pull again',
		});
	}
	const whole = files.map(({name, text}) => ({text, path: join(modelsDir, name), temporary: join(modelsDir, `.${crypto.randomUUID()}.tmp`)}));
	makeFolder(modelsDir);
	try {
		// All of them, before the first takes the place of another.
		for (const {text, temporary} of whole) writeFileSync(temporary, text);
		for (const {path, temporary} of whole) renameSync(temporary, path);
		return whole.map(({path}) => path);
	} catch (cause) {
		for (const {temporary} of whole) rmSync(temporary, {force: true});
		throw new MigrError('files', `the models cannot be written: ${(cause as Error).message}`, {
			location: {file: modelsDir},
			hint: 'check the rights on the folder',
			cause,
		});
	}
}

async function filesOf(
	schema: Schema,
	format: PullFormat,
	modelsDir: string,
): Promise<{readonly files: readonly {readonly name: string; readonly text: string}[]; readonly unsaid: readonly string[]}> {
	if (format === 'sql') return {files: [{name: 'schema.sql', text: pulledSql(schema)}], unsaid: []};
	if (format === 'ts') return {files: [{name: 'schema.ts', text: pulledTypescript(schema)}], unsaid: []};
	const {pulledDrizzle} = await import('./drizzle.ts');
	const {findGeneration} = await import('../models/drizzle/orm.ts');
	// Where drizzle-orm is still to be installed, it will be the newest release.
	const {text, rest, unsaid} = pulledDrizzle(schema, (await findGeneration(modelsDir)) ?? 0);
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
		unsaid: unsaid.map(({object, what}) => `${object}: ${what}`),
	};
}

/** Triggers whose tables stand in the other file. */
function triggersOfTables({triggers, views}: Schema): string {
	const isOnView = (table: string) => views.some(({name}) => sameName(name, table));
	return triggers
		.filter(({table}) => !isOnView(table))
		.map(({sql}) => `\n${sql};\n`)
		.join('');
}

function modelFilesIn(modelsDir: string): readonly string[] {
	if (!existsSync(modelsDir)) return [];
	const {modules, sql, python} = findModelFiles(modelsDir);
	return [...modules, ...sql, ...python];
}
