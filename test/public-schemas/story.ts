import {mkdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {loadModels} from '../../source/core/models/load.ts';
import {pulledSql} from '../../source/core/pull/sql.ts';
import {sameSchema} from '../../source/core/schema/equality.ts';
import type {Schema} from '../../source/core/schema/schema.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {lite} from '../cli/lite.ts';
import {type Change, changeOf} from './change.ts';
import {createDatabase, type Rows, readRows, storedTables} from './database.ts';
import {scriptsOf} from './definitions.ts';
import type {MigrationFolder, PublicProject} from './project.ts';
import {type RepositoryFiles} from './repository.ts';
import {toolTable, transactionalTools, upgradeScripts} from './tools.ts';

/** What became of one step. */
export type Outcome = {readonly ok: true; readonly notes?: readonly string[]} | {readonly ok: false; readonly reason: string; readonly hint?: string};

export interface StoryResult {
	readonly counts: {readonly tables: number; readonly indexes: number; readonly triggers: number; readonly views: number; readonly virtualTables: number; readonly rows: number};
	readonly steps: Readonly<Record<string, Outcome>>;
	readonly change: readonly string[];
}

const repository = join(import.meta.dirname, '../..');

/** A step that a project cannot take. Later steps depend on it. */
class Stopped extends Error {}

/** Adopts the database of a project in an empty folder, changes it and undoes the change. */
export async function adoptProject(project: PublicProject, files: RepositoryFiles, folder: string): Promise<StoryResult> {
	const steps: Record<string, Outcome> = {};
	const file = join(folder, 'app.db');
	prepareFolder(folder);
	createDatabase(file, scriptsWithHistory(project, files), project);
	const adopted = look(file);
	const counts = {
		tables: adopted.schema.tables.length,
		indexes: adopted.schema.indexes.length,
		triggers: adopted.schema.triggers.length,
		views: adopted.schema.views.length,
		virtualTables: adopted.schema.virtualTables.length,
		rows: [...adopted.rows.values()].flat().length,
	};
	let change: Change | undefined;

	const command = async (...argv: readonly string[]): Promise<{readonly code: number; readonly out: string; readonly json: readonly Record<string, unknown>[]}> => {
		const {code, stdout, stderr} = await lite(folder, [...argv, '--json']);
		return {code, out: `${stdout}${stderr}`, json: jsonLines(stdout)};
	};
	const step = async (name: string, work: () => Promise<Outcome>): Promise<Outcome> => {
		const outcome = await work();
		steps[name] = outcome;
		return outcome;
	};
	const need = async (name: string, work: () => Promise<Outcome>): Promise<void> => {
		const outcome = await step(name, work);
		if (!outcome.ok) throw new Stopped(name);
	};
	const run = async (...argv: readonly string[]): Promise<Outcome> => {
		const result = await command(...argv);
		return result.code === 0 ? {ok: true} : refusal(argv, result);
	};
	const models = (dir: string) => writeFileSync(join(folder, 'migrate.toml'), `[migrate]\ndb_path = "./app.db"\nmigrations_dir = "./migrations"\nmodels_dir = "./${dir}"\n`);

	try {
		await need('init', () => run('init', '--db', './app.db'));
		for (const format of ['drizzle', 'ts', 'sql'] as const) {
			models(`models-${format}`);
			await step(`pull ${format}`, async () => {
				const result = await command('pull', '--format', format);
				if (result.code !== 0) return refusal(['pull', format], result);
				const limitations = (result.json[0]?.limitations ?? []) as readonly string[];
				return limitations.length === 0 ? {ok: true} : {ok: true, notes: limitations};
			});
		}
		await need('baseline', () => run('baseline', 'start'));
		for (const format of ['drizzle', 'ts', 'sql'] as const) {
			models(`models-${format}`);
			if (steps[`pull ${format}`]?.ok === true) await step(`check ${format}`, () => run('check'));
		}
		await need('adopt', async () => same(adopted, look(file), 'adopting'));
		await need('pull sql', async () => steps['pull sql'] ?? {ok: false, reason: 'not pulled'});
		await need('change models', async () => {
			const loaded = await loadModels(join(folder, 'models-sql'));
			change = changeOf(loaded);
			writeFileSync(join(folder, 'models-sql/schema.sql'), pulledSql(change.schema));
			return {ok: true};
		});
		await need('create', () => run('create', 'change', ...(change?.flags ?? [])));
		await need('upgrade', () => run('upgrade', '--yes'));
		await need('rows', async () => sameRows(adopted, look(file, change), change));
		await need('check', () => run('check'));
		const changed = look(file).schema;
		await need('downgrade', () => run('downgrade', '--yes'));
		await need('undone', async () => same(adopted, look(file), 'downgrade'));
		await need('upgrade again', () => run('upgrade', '--yes'));
		await need('new database', () => run('upgrade', '--yes', '--db', './new.db'));
		await need('equal', async () => {
			const built = look(join(folder, 'new.db')).schema;
			return sameSchema(withoutTools(built), withoutTools(changed)) ? {ok: true} : {ok: false, reason: 'a new database differs from the adopted one'};
		});
		await need('check new', () => run('check', '--db', './new.db'));
	} catch (error) {
		if (!(error instanceof Stopped)) throw error;
	}
	return {counts, steps, change: change?.text ?? []};
}

/** Returns the scripts that create the database of a project, and the table of its migration tool. */
function scriptsWithHistory({definitions}: PublicProject, files: RepositoryFiles): readonly string[] {
	if (definitions.kind !== 'migrations') return scriptsOf(definitions, files);
	const migrations = upgradeScripts(definitions, files);
	const isWrapped = transactionalTools.includes(definitions.tool);
	const wrapped = (up: string) => (isWrapped && !/^\s*(?:(?:PRAGMA[^;]*;|--.*)\s*)*BEGIN\b/i.test(up) ? `BEGIN;\n${up}\n;COMMIT` : up);
	return [...migrations.map(({up}) => wrapped(up)), ...toolTable(definitions.tool, migrations)];
}

function prepareFolder(folder: string): void {
	mkdirSync(join(folder, 'node_modules'), {recursive: true});
	writeFileSync(join(folder, 'package.json'), '{"private": true, "type": "module"}');
	symlinkSync(repository, join(folder, 'node_modules/lite-migr'), 'dir');
	symlinkSync(join(repository, 'node_modules/drizzle-orm'), join(folder, 'node_modules/drizzle-orm'), 'dir');
}

interface Looked {
	readonly schema: Schema;
	readonly rows: Rows;
}

function look(file: string, change?: Change): Looked {
	const db = openDatabase(file, {readonly: true});
	try {
		const tables = storedTables(db).filter(({name}) => !name.startsWith('_lite_migr'));
		return {schema: introspect(db), rows: readRows(db, tables.map((table) => ({...table, columns: oldColumns(table, change)})))};
	} finally {
		db.close();
	}
}

function oldColumns({name, columns}: {readonly name: string; readonly columns: readonly string[]}, change: Change | undefined): readonly string[] {
	return columns.filter((column) => change === undefined || column !== 'lite_migr_note');
}

function withoutTools(schema: Schema): Schema {
	const isTool = (name: string) => /^_lite_migr|^(?:schema_migrations|goose_db_version|__diesel_schema_migrations|_sqlx_migrations|_prisma_migrations|__drizzle_migrations|d1_migrations)$/.test(name);
	return {...schema, tables: schema.tables.filter(({name}) => !isTool(name)), indexes: schema.indexes.filter(({table}) => !isTool(table))};
}

function same(before: Looked, after: Looked, what: string): Outcome {
	if (!sameSchema(withoutTools(before.schema), withoutTools(after.schema))) return {ok: false, reason: `${what} left another schema`};
	return sameRows(before, after, undefined);
}

function sameRows(before: Looked, after: Looked, _change: Change | undefined): Outcome {
	for (const [table, rows] of before.rows) {
		const now = after.rows.get(table);
		if (now === undefined || now.join('\n') !== rows.join('\n')) return {ok: false, reason: `rows of ${table} differ:\n${rows.join('\n')}\n---\n${now?.join('\n')}`};
	}
	return {ok: true};
}

function jsonLines(text: string): readonly Record<string, unknown>[] {
	return text
		.split('\n')
		.filter((line) => line.startsWith('{'))
		.map((line) => JSON.parse(line) as Record<string, unknown>);
}

function refusal(argv: readonly string[], {code, out, json}: {readonly code: number; readonly out: string; readonly json: readonly Record<string, unknown>[]}): Outcome {
	return {ok: false, reason: `${argv.slice(0, 2).join(' ')}: exit ${code}: ${out.slice(0, 3000)}`};
}

/** Imports the history of a project's own migration tool. */
export async function importHistory(project: PublicProject, definitions: MigrationFolder, files: RepositoryFiles, folder: string): Promise<Readonly<Record<string, Outcome>>> {
	prepareFolder(folder);
	const file = join(folder, 'app.db');
	for (const path of files.list(definitions.folder)) {
		mkdirSync(dirname(join(folder, path)), {recursive: true});
		writeFileSync(join(folder, path), files.read(path));
	}
	createDatabase(file, scriptsWithHistory(project, files), project);
	const steps: Record<string, Outcome> = {};
	const before = look(file);
	const run = async (name: string, ...argv: readonly string[]): Promise<boolean> => {
		const {code, stdout, stderr} = await lite(folder, [...argv, '--json']);
		const json = jsonLines(stdout);
		const problems = (json[0]?.newDatabaseProblems ?? []) as readonly {message: string}[];
		const pending = (json[0]?.pending ?? []) as readonly string[];
		if (code !== 0) steps[name] = refusal(argv, {code, out: `${stdout}${stderr}`, json});
		else if (argv[0] === 'baseline' && (problems.length > 0 || pending.length > 0)) steps[name] = {ok: false, reason: JSON.stringify([problems, pending])};
		else steps[name] = {ok: true};
		return steps[name].ok;
	};
	if (!(await run('init', 'init', '--db', './app.db'))) return steps;
	const imported = await run('import', 'baseline', '--from', definitions.folder);
	await run('pull', 'pull');
	await run('check', 'check');
	steps.rows = same(before, look(file), 'importing');
	if (imported) {
		await run('new database', 'upgrade', '--yes', '--db', './new.db');
		await run('check new', 'check', '--db', './new.db');
	}
	rmSync(join(folder, 'node_modules'), {recursive: true});
	return steps;
}
