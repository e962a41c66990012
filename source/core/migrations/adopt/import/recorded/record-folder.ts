import {readdirSync} from 'node:fs';
import {extname, join} from 'node:path';
import {MigrError} from '../../../../errors.ts';
import type {ModuleExports} from '../../../../modules/import-modules.ts';
import {nameKey} from '../../../../schema/identifiers.ts';
import {emptySchema, type Schema} from '../../../../schema/schema.ts';
import type {Database} from '../../../../sqlite/database.ts';
import {introspect} from '../../../../sqlite/introspect.ts';
import {openInMemory} from '../../../../sqlite/open.ts';
import {clean} from '../../../../text/clean.ts';
import {plural} from '../../../../text/numbers.ts';
import {managedSchema} from '../../../history/managed-schema.ts';
import {type SchemaDifference, schemaDifferences} from '../../../replay/schema-differences.ts';
import type {ForeignFolder, ForeignMigration} from '../foreign-migration.ts';
import {readMigrationText} from '../sql-files.ts';
import {appliedIn} from './applied.ts';
import type {CodeTool, Direction, ToolContext} from './code-tool.ts';
import {configuredIn} from './configured.ts';
import {dependsOnRows, notRecorded, tooManyRows} from './failures.ts';
import {knexTool} from './knex.ts';
import {kyselyTool} from './kysely.ts';
import {loadMigrationModules} from './load-modules.ts';
import {type Run, type Runs, recordDowngrade, recordMigration} from './record-migration.ts';
import {contentsOf, guardStatements} from './row-guard.ts';
import {packageOf} from './tool-package.ts';

const tools: readonly CodeTool[] = [knexTool, kyselyTool];

interface CodeFile {
	/** The name without extension, which is the same in the sources and in compiled files. */
	readonly name: string;
	readonly path: string;
	readonly text: string;
}

/**
 * How to read this folder: migrations in code cannot be read as SQL, but they can be run. The project's own Knex or Kysely (`knex.ts`, `kysely.ts`) runs
 * each of them on an empty database in memory, through a connection of ours (`recorder.ts`). What it executes there becomes a `.sql` migration.
 *
 * That is only right if the code does the same in every database. So it runs three times (`record-migration.ts`), and everything that it learns about rows
 * is followed. If rows decide what it does, an applied migration gets a guard for databases with rows, and a pending one is refused.
 *
 * Returns undefined for a folder of another tool.
 *
 * @throws MigrError `migration` if a migration cannot be imported faithfully, `config` if the tool is not installed
 */
export async function recordCodeFolder(folder: string, db: Database, ignore: readonly string[]): Promise<ForeignFolder | undefined> {
	const files = codeFilesIn(folder);
	const schema = introspect(db);
	const tool = toolOf(files, schema);
	if (tool === undefined) return undefined;
	const sorted = files.toSorted((a, b) => tool.order(a.name, b.name));
	requireDistinct(sorted, tool);
	const configured = configuredIn(folder);
	const {context, version} = await packageOf(tool, folder, configured.driver);
	const {applied, table, order, isReordered} = appliedIn(db, schema, tool, {names: sorted.map(({name}) => name), tables: configured.tables, folder});
	const {migrations, built} = await recordAll(tool, sorted.toSorted(byPlaceIn(order)), applied, context);
	const differences = schemaDifferences(managedSchema(built, ignore), managedSchema(schema, ignore));
	requireTables(differences, tool, folder);
	return {
		tool: tool.tool,
		migrations,
		notes: [
			`the migrations ran on an empty database in memory, with ${tool.package} ${version} of the project`,
			...(table === undefined || nameKey(table) === tool.historyTable ? [] : [`the applied migrations are those in the table ${clean(table)}`]),
			...(isReordered ? ['the order is the one in which they were applied, not that of their names'] : []),
			...(differences.length === 0
				? []
				: [
						`the applied migrations build another schema than the database has (${differences.map(differenceText).join(', ')}); lite-migr status shows more`,
					]),
		],
	};
}

/** Returns the tool that the texts of the migrations name. The database decides if they name both or none. */
function toolOf(files: readonly CodeFile[], schema: Schema): CodeTool | undefined {
	if (files.some(({text}) => /@mikro-orm\/|\btypeorm\b|\bsequelize\b|\bqueryInterface\b/i.test(text))) return undefined;
	const named = tools.filter((tool) => files.some(({text}) => tool.owns(text)));
	if (named.length === 1) return named[0];
	return (named.length > 1 ? named : tools).find((tool) => schema.tables.some((table) => tool.isHistory(table, schema)));
}

/** Returns the files with code, except declarations. */
function codeFilesIn(folder: string): readonly CodeFile[] {
	return readdirSync(folder, {withFileTypes: true})
		.filter((entry) => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name) && !/^\.|\.d\.[cm]?ts$/.test(entry.name))
		.map(({name}) => ({name: name.slice(0, -extname(name).length), path: join(folder, name), text: readMigrationText(join(folder, name))}));
}

function byPlaceIn(order: readonly string[]): (a: CodeFile, b: CodeFile) => number {
	return (a, b) => order.indexOf(a.name) - order.indexOf(b.name);
}

function requireDistinct(files: readonly CodeFile[], {tool}: CodeTool): void {
	const double = files.find((file, index) => files[index - 1]?.name === file.name);
	if (double === undefined) return;
	throw new MigrError('migration', `two files have the name ${clean(double.name)}, so it is unclear which one ${tool} has applied`, {
		location: {file: double.path},
		hint: 'pass a folder with either the sources or the compiled files',
	});
}

interface RecordedFolder {
	readonly migrations: readonly ForeignMigration[];
	/** The schema that the applied migrations build. */
	readonly built: Schema;
}

async function recordAll(tool: CodeTool, files: readonly CodeFile[], applied: ReadonlySet<string>, context: ToolContext): Promise<RecordedFolder> {
	const paths = files.map(({path}) => path);
	const first = await loadMigrationModules(paths, tool);
	const [later, withOtherCounts] = [await loadMigrationModules(paths, tool, {shiftsClock: true}), await loadMigrationModules(paths, tool)];
	const runs = (index: number, direction: Direction): Runs => {
		const run = (modules: readonly (ModuleExports | undefined)[]): Run => {
			return async (connection) => {
				const migration = modules[index];
				if (migration !== undefined) await tool.run(migration, direction, connection, context);
			};
		};
		return {first: run(first), later: run(later), withOtherCounts: run(withOtherCounts)};
	};
	const names = importedNames(files);
	const db = openInMemory();
	try {
		db.exec('PRAGMA foreign_keys = OFF; BEGIN');
		const settings = {driver: tool.package === 'knex' ? context.driver : ('better-sqlite3' as const), settle: tool.settle};
		const migrations: ForeignMigration[] = [];
		let built = emptySchema;
		for (const [index, file] of files.entries()) {
			const migration = first[index];
			// Kysely skips a file without migration, such as one with shared functions.
			if (migration === undefined) continue;
			const before = introspect(db);
			const rowsBefore = contentsOf(db);
			const recorded = await recordMigration(db, runs(index, 'up'), settings);
			const isApplied = applied.has(file.name);
			if ('kind' in recorded) throw notRecorded(recorded, file, tool);
			if (isApplied) built = introspect(db);
			const {statements, dependsOn, volatileValues, omitted} = recorded;
			if (dependsOn.size > 0 && !isApplied) throw dependsOnRows(dependsOn, file, tool);
			const down = typeof migration.down === 'function' ? await recordDowngrade(db, runs(index, 'down'), settings, before) : undefined;
			const guards = dependsOn.size === 0 ? [] : guardStatements(rowsBefore, dependsOn, (table) => guardMessage(file.name, table, tool));
			if (guards === undefined) throw tooManyRows(dependsOn, file);
			migrations.push({
				name: names[index] ?? file.name,
				up: [...guards, ...statements].map((text) => `${text};\n`).join(''),
				...(typeof down === 'object' && down.length > 0 ? {down: down.map((text) => `${text};\n`).join('')} : {}),
				isApplied,
				notes: [
					...(dependsOn.size === 0
						? []
						: [`its code depends on the rows of ${shown(dependsOn)}; the file does what the code does in a new database, and stops in others`]),
					...(volatileValues === 0
						? []
						: [
								`${plural(volatileValues, 'value differs', 'values differ')} in each run, such as times or random numbers; the file contains those of this import`,
							]),
					...[...omitted].map((what) => `omitted ${clean(what)}`),
					...(typeof down === 'string' ? [`has no downgrade, because ${down}`] : []),
				],
			});
		}
		return {migrations, built};
	} finally {
		db.close();
	}
}

function differenceText({object, name, kind, detail}: SchemaDifference): string {
	const words = {missing: 'is missing', unexpected: 'is not in the migrations', changed: 'differs'} as const;
	return `${object} ${clean(name)} ${words[kind]}${detail === undefined ? '' : `: ${clean(detail)}`}`;
}

/** Checks that the database has the tables of the applied migrations. If not, a plugin or a setting of the tool has probably changed their names. */
function requireTables(differences: readonly SchemaDifference[], {tool}: CodeTool, folder: string): void {
	const missing = differences.filter(({object, kind}) => object === 'table' && kind === 'missing');
	if (missing.length === 0) return;
	throw new MigrError(
		'history',
		`the applied migrations create tables that the database does not have: ${missing.map(({name}) => clean(name)).join(', ')}`,
		{
			location: {file: folder},
			details: [
				`lite-migr runs the migrations without the plugins and settings of ${tool}, which may change names (CamelCasePlugin, wrapIdentifier)`,
				'nothing was written, and the database is unchanged',
			],
			hint: 'to start from the current database without its history, run lite-migr baseline <name>: its tables become the first migration, and no table is changed',
		},
	);
}

function shown(tables: ReadonlySet<string>): string {
	return [...tables].map(clean).join(', ');
}

/**
 * Returns the names of the imported migrations. They keep their own names if these sort in the tool's order as they are: all start with a number of the
 * same length. Otherwise a number is added.
 */
function importedNames(files: readonly CodeFile[]): readonly string[] {
	const numbers = files.map(({name}) => /^\d+(?=_)/.exec(name)?.[0].length);
	const isNumbered = numbers.every((length) => length !== undefined && length === numbers[0]);
	const isSorted = files.every(({name}, index) => index === 0 || (files[index - 1]?.name ?? '') < name);
	return isNumbered && isSorted ? files.map(({name}) => name) : files.map(({name}, index) => `${String(index + 1).padStart(4, '0')}_${name}`);
}

function guardMessage(name: string, table: string, {tool}: CodeTool): string {
	return `lite-migr: ${clean(name)} depends on the rows of ${clean(table)}, so apply it with ${tool}; rows: `;
}
