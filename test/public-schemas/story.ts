import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {withSingleQuotes} from '../../source/core/migrations/files/readable-schema.ts';
import {bookkeepingTables} from '../../source/core/migrations/history/foreign-tools.ts';
import {loadModels} from '../../source/core/models/load.ts';
import {pulledSql} from '../../source/core/pull/sql.ts';
import {sameSchema} from '../../source/core/schema/equality.ts';
import type {Schema} from '../../source/core/schema/schema.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {addedColumn, changeOf} from './change.ts';
import {commandsIn, oneLine, type ProjectCommands} from './command.ts';
import {createDatabase, type ProgramFeatures, type Rows, readRows, storedTables} from './database.ts';
import {scriptsOf} from './definitions.ts';
import {countedKinds} from './limitations.ts';
import type {MigrationFolder, PublicProject} from './project.ts';
import type {RepositoryFiles} from './repository.ts';
import {done, type History, notTried, type Outcome, type ProjectResult, pullFormats} from './result.ts';
import {isUnwrapped, toolTable, upgradeScripts} from './tools.ts';

const repository = join(import.meta.dirname, '../..');

/** Adopts the database of a project in an empty folder, changes it, undoes the change, and builds a new database. */
export async function adoptProject(project: PublicProject, files: RepositoryFiles, folder: string): Promise<Omit<ProjectResult, 'history'>> {
	const {name, commit, license} = project;
	prepareFolder(folder);
	createDatabase(join(folder, 'app.db'), ...databaseOf(project, files));
	const commands = commandsIn(folder);
	const adopted = look(folder);
	const {tables, indexes, triggers, views, virtualTables} = adopted.schema;
	const counts = {
		tables: tables.length,
		indexes: indexes.length,
		triggers: triggers.length,
		views: views.length,
		virtualTables: virtualTables.length,
		rows: [...adopted.rows.values()].flat().length,
	};
	const result = {name, repository: project.repository, commit, license, counts};
	const started = await commands.run('init', '--db', './app.db');
	if (started.outcome.kind !== 'done') throw new Error(`init: ${JSON.stringify(started.outcome)}`);

	const pulled = {sql: notTried as Outcome, ts: notTried as Outcome, drizzle: notTried as Outcome};
	for (const format of pullFormats) {
		selectModels(folder, format);
		const {outcome, lines} = await commands.run('pull', '--format', format);
		const limitations = (lines[0]?.limitations ?? []) as readonly string[];
		pulled[format] = outcome.kind === 'done' ? done(countedKinds(limitations)) : outcome;
	}
	const based = (await commands.run('baseline', 'start')).outcome;
	if (based.kind !== 'done') return {...result, pull: pulled, adopt: based, change: notTried, undo: notTried, build: notTried};
	for (const format of pullFormats) {
		selectModels(folder, format);
		const checked = pulled[format].kind === 'done' ? (await commands.run('check')).outcome : done();
		if (checked.kind !== 'done') pulled[format] = checked;
	}
	requireSame('baseline', adopted, look(folder));
	selectModels(folder, 'sql');
	if (pulled.sql.kind !== 'done') return {...result, pull: pulled, adopt: done(), change: notTried, undo: notTried, build: notTried};
	return {...result, pull: pulled, adopt: done(), ...(await changeAndUndo(commands, folder, adopted))};
}

async function changeAndUndo(commands: ProjectCommands, folder: string, adopted: Looked): Promise<Pick<ProjectResult, 'change' | 'undo' | 'build'>> {
	const before = await loadModels(join(folder, 'models-sql'));
	const ways = [changeOf(before, true), changeOf(before, false)];
	let refused: Outcome | undefined;
	for (const {schema, flags} of ways) {
		writeFileSync(join(folder, 'models-sql/schema.sql'), pulledSql(schema));
		const {outcome} = await commands.run('create', 'change', ...flags);
		if (outcome.kind === 'done') {
			const rest = await applyAndUndo(commands, folder, adopted);
			// The whole change is refused, the change without the new column works.
			return refused === undefined ? rest : {...rest, change: rest.change.kind === 'done' ? refused : rest.change};
		}
		refused ??= outcome;
	}
	return {change: refused ?? notTried, undo: notTried, build: notTried};
}

async function applyAndUndo(commands: ProjectCommands, folder: string, adopted: Looked): Promise<Pick<ProjectResult, 'change' | 'undo' | 'build'>> {
	const change = await inOrder(commands, ['upgrade', '--yes'], ['check']);
	if (change.kind !== 'done') return {change, undo: notTried, build: notTried};
	const changed = look(folder);
	requireSameRows('upgrade', adopted, changed);
	const undo = await inOrder(commands, ['downgrade', '--yes']);
	if (undo.kind !== 'done') return {change, undo, build: notTried};
	requireSame('downgrade', adopted, look(folder));
	const build = await inOrder(commands, ['upgrade', '--yes'], ['upgrade', '--yes', '--db', './new.db'], ['check', '--db', './new.db']);
	if (build.kind === 'done' && !sameSchema(look(folder, 'new.db').schema, changed.schema))
		throw new Error('a new database differs from the adopted one');
	return {change, undo, build};
}

/** Runs commands until one is refused. */
async function inOrder(commands: ProjectCommands, ...all: readonly (readonly string[])[]): Promise<Outcome> {
	for (const argv of all) {
		const {outcome} = await commands.run(...argv);
		if (outcome.kind !== 'done') return outcome;
	}
	return done();
}

/** Imports the history of a project's own migration tool in an empty folder, and builds a new database with it. */
export async function importHistory(project: PublicProject, definitions: MigrationFolder, files: RepositoryFiles, folder: string): Promise<History> {
	prepareFolder(folder);
	for (const path of files.list(definitions.folder)) {
		mkdirSync(dirname(join(folder, path)), {recursive: true});
		writeFileSync(join(folder, path), files.read(path));
	}
	createDatabase(join(folder, 'app.db'), ...databaseOf(project, files));
	selectModels(folder, 'ts');
	const before = look(folder);
	const commands = commandsIn(folder);
	const facts = {tool: definitions.tool, migrations: upgradeScripts(definitions, files).length};
	const {outcome, lines} = await commands.run('baseline', '--from', definitions.folder);
	if (outcome.kind !== 'done') return {...facts, adopt: outcome, build: notTried};
	const {pending, applied, newDatabaseProblems} = lines[0] as unknown as {
		readonly pending: readonly string[];
		readonly applied: readonly string[];
		readonly newDatabaseProblems: readonly {readonly message: string; readonly hint: string | null}[];
	};
	if (pending.length > 0 || applied.length !== facts.migrations) {
		throw new Error(`${applied.length} of ${facts.migrations} migrations are marked as applied; pending: ${pending.join(', ')}`);
	}
	requireSame('baseline --from', before, look(folder));
	const [problem] = newDatabaseProblems;
	if (problem !== undefined) {
		return {...facts, adopt: done(), build: {kind: 'refused', reason: oneLine(problem.message), fix: oneLine(problem.hint ?? '')}};
	}
	const adopt = await inOrder(commands, ['pull'], ['check']);
	const build = await inOrder(commands, ['upgrade', '--yes', '--db', './new.db'], ['check', '--db', './new.db']);
	if (build.kind === 'done' && !sameSchema(look(folder, 'new.db').schema, before.schema))
		throw new Error('a new database differs from the adopted one');
	return {...facts, adopt, build};
}

/** Returns the scripts that create the database of a project, and what its program and its migration tool add. */
function databaseOf(project: PublicProject, files: RepositoryFiles): readonly [readonly string[], ProgramFeatures] {
	const {definitions} = project;
	if (definitions.kind !== 'migrations') return [scriptsOf(definitions, files), project];
	const migrations = upgradeScripts(definitions, files);
	const scripts = migrations.map(({up}) => (isUnwrapped(definitions) ? up : `BEGIN;\n${up}\n;COMMIT`));
	return [scripts, {...project, last: toolTable(definitions.tool, migrations)}];
}

function prepareFolder(folder: string): void {
	mkdirSync(join(folder, 'node_modules'), {recursive: true});
	writeFileSync(join(folder, 'package.json'), '{"private": true, "type": "module"}');
	symlinkSync(repository, join(folder, 'node_modules/lite-migr'), 'dir');
	symlinkSync(join(repository, 'node_modules/drizzle-orm'), join(folder, 'node_modules/drizzle-orm'), 'dir');
}

function selectModels(folder: string, format: string): void {
	writeFileSync(
		join(folder, 'migrate.toml'),
		`[migrate]\ndb_path = "./app.db"\nmigrations_dir = "./migrations"\nmodels_dir = "./models-${format}"\n`,
	);
}

interface Looked {
	readonly schema: Schema;
	readonly rows: Rows;
}

/** Reads the schema and all rows of a database, without the tables of migration tools and the column that a change adds. */
function look(folder: string, file = 'app.db'): Looked {
	const db = openDatabase(join(folder, file), {readonly: true});
	try {
		const isOwn = (name: string) => !bookkeepingTables.includes(name);
		const tables = storedTables(db).filter(({name}) => isOwn(name));
		// A change writes strings in single quotes, which SQLite would not create otherwise.
		const schema = withSingleQuotes(introspect(db));
		return {
			schema: {
				...schema,
				tables: schema.tables.filter(({name}) => isOwn(name)),
				indexes: schema.indexes.filter(({table}) => isOwn(table)),
			},
			rows: readRows(
				db,
				tables.map(({name, columns}) => ({name, columns: columns.filter((column) => column !== addedColumn)})),
			),
		};
	} finally {
		db.close();
	}
}

function requireSame(step: string, before: Looked, after: Looked): void {
	if (!sameSchema(before.schema, after.schema)) throw new Error(`${step} left another schema`);
	requireSameRows(step, before, after);
}

function requireSameRows(step: string, before: Looked, after: Looked): void {
	for (const [table, rows] of before.rows) {
		const now = after.rows.get(table) ?? [];
		if (now.join('\n') !== rows.join('\n')) throw new Error(`${step} changed the rows of ${table}`);
	}
}
