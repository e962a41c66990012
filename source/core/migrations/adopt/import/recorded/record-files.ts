import {MigrError} from '../../../../errors.ts';
import type {ModuleExports} from '../../../../modules/import-modules.ts';
import {emptySchema, type Schema} from '../../../../schema/schema.ts';
import type {Database} from '../../../../sqlite/database.ts';
import {introspect} from '../../../../sqlite/introspect.ts';
import {memoryCopy} from '../../../../sqlite/memory-copy.ts';
import {clean} from '../../../../text/clean.ts';
import {plural} from '../../../../text/numbers.ts';
import {managedSchema} from '../../../history/managed-schema.ts';
import {type SchemaDifference, schemaDifferences} from '../../../replay/schema-differences.ts';
import type {ForeignMigration} from '../foreign-migration.ts';
import type {CodeTool, Direction, ToolContext} from './code-tool.ts';
import {dependsOnRows, dependsOnSchema, notRecorded, tooManyRows} from './failures.ts';
import {loadMigrationModules} from './load-modules.ts';
import {doesTheSame, type RecordedMigration, type Run, type Runs, recordDowngrade, recordMigration} from './record-migration.ts';
import {guardStatements} from './row-guard.ts';

/** A file with a migration in code. */
export interface CodeFile {
	/** The name without extension, which is the same in the sources and in compiled files. */
	readonly name: string;
	readonly path: string;
	readonly text: string;
}

export interface RecordRequest {
	readonly tool: CodeTool;
	readonly context: ToolContext;
	/** The migrations, by file. */
	readonly modules: ReadonlyMap<string, ModuleExports>;
	readonly applied: ReadonlySet<string>;
	readonly folder: string;
	/** The schema of the user's database. */
	readonly present: Schema;
	readonly ignore: readonly string[];
}

export interface RecordedFiles {
	readonly migrations: readonly ForeignMigration[];
	/** How the schema that the applied migrations build differs from that of the database. */
	readonly differences: readonly SchemaDifference[];
}

/**
 * Records migrations in this order, each on the database in memory that the ones before it have built. Applied migrations come before pending ones.
 *
 * @throws MigrError `migration` if one of them cannot be imported faithfully, `history` if the database does not have the tables of applied migrations
 */
export async function recordFiles(files: readonly CodeFile[], request: RecordRequest): Promise<RecordedFiles> {
	const {tool, context, modules, applied, present} = request;
	const runs = await runsOf(files, request);
	const names = importedNames(files);
	const settings = {driver: tool.package === 'knex' ? context.driver : ('better-sqlite3' as const), settle: tool.settle};
	const imported: ForeignMigration[] = [];
	const db = openEmpty(emptySchema);
	let here: Database | undefined;
	let differences: readonly SchemaDifference[] | undefined;
	const compared = () => {
		differences ??= compareWithDatabase(db, request);
		return differences;
	};
	try {
		for (const [index, file] of files.entries()) {
			const isApplied = applied.has(file.name);
			// A pending migration changes the schema of this database. It may read that schema, as the rebuilds of Knex do.
			if (!isApplied && compared().length > 0) here ??= openEmpty(present);
			const before = introspect(db);
			const recorded = await recordMigration(db, runs(file, 'up'), settings);
			if ('kind' in recorded) throw notRecorded(recorded, file, tool);
			const {statements, dependsOn, rowsBefore} = recorded;
			if (dependsOn.size > 0 && !isApplied) throw dependsOnRows(dependsOn, file, tool);
			if (here !== undefined && !(await doesTheSame(here, runs(file, 'up').first, recorded, settings)))
				throw dependsOnSchema(compared().map(differenceText), file, tool);
			const down = typeof modules.get(file.path)?.down === 'function' ? await recordDowngrade(db, runs(file, 'down'), settings, before) : undefined;
			const guards = dependsOn.size === 0 ? [] : guardStatements(rowsBefore, dependsOn, (table) => guardMessage(file.name, table, tool));
			if (guards === undefined) throw tooManyRows(dependsOn, file);
			imported.push({
				name: names[index] ?? file.name,
				up: [...guards, ...statements].map((text) => `${text};\n`).join(''),
				...(typeof down === 'object' && down.length > 0 ? {down: down.map((text) => `${text};\n`).join('')} : {}),
				isApplied,
				notes: [...notesOf(recorded), ...(typeof down === 'string' ? [`has no downgrade, because ${down}`] : [])],
			});
		}
		return {migrations: imported, differences: compared()};
	} finally {
		db.close();
		here?.close();
	}
}

/** Opens a database in memory with this schema, in a transaction like that of a run. */
function openEmpty(schema: Schema): Database {
	const db = memoryCopy(schema);
	db.exec('PRAGMA foreign_keys = OFF; BEGIN');
	return db;
}

/** Returns the ways to run a migration. The modules are imported again for each of them. */
async function runsOf(files: readonly CodeFile[], {tool, context, modules}: RecordRequest): Promise<(file: CodeFile, direction: Direction) => Runs> {
	const paths = files.map(({path}) => path);
	const later = await loadMigrationModules(paths, tool, {shiftsClock: true});
	const withOtherCounts = await loadMigrationModules(paths, tool);
	return ({path}, direction) => {
		const run = (loaded: ReadonlyMap<string, ModuleExports>): Run => {
			return async (connection) => {
				const migration = loaded.get(path);
				if (migration !== undefined) await tool.run(migration, direction, connection, context);
			};
		};
		return {first: run(modules), later: run(later), withOtherCounts: run(withOtherCounts)};
	};
}

/**
 * Returns how the schema that the migrations have built differs from that of the database.
 *
 * @throws MigrError `history` if the database does not have their tables: a plugin or a setting of the tool has probably changed the names
 */
function compareWithDatabase(db: Database, {tool: {tool}, folder, present, ignore}: RecordRequest): readonly SchemaDifference[] {
	const differences = schemaDifferences(managedSchema(introspect(db), ignore), managedSchema(present, ignore));
	const missing = differences.filter(({object, kind}) => object === 'table' && kind === 'missing');
	if (missing.length === 0) return differences;
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

function notesOf({dependsOn, volatile, recording}: RecordedMigration): readonly string[] {
	return [
		...(dependsOn.size === 0
			? []
			: [
					`its code depends on the rows of ${[...dependsOn].map(clean).join(', ')}; the file has the same effect as the code in a new database, and stops in other databases`,
				]),
		...(volatile.size === 0
			? []
			: [
					`${plural(volatile.size, 'value differs', 'values differ')} in each run, such as times or random numbers; the file contains those of this import`,
				]),
		...[...recording.omitted].map((what) => `omitted ${clean(what)}`),
	];
}

/**
 * Returns the names of the imported migrations. They keep their own names if these sort in the tool's order unchanged: all start with a number of the
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

export function differenceText({object, name, kind, detail}: SchemaDifference): string {
	const words = {missing: 'is missing', unexpected: 'is not in the migrations', changed: 'differs'} as const;
	return `${object} ${clean(name)} ${words[kind]}${detail === undefined ? '' : `: ${clean(detail)}`}`;
}
