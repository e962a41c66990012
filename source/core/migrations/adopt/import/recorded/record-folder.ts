import {readdirSync} from 'node:fs';
import {extname, join} from 'node:path';
import {MigrError} from '../../../../errors.ts';
import {nameKey} from '../../../../schema/identifiers.ts';
import type {Schema} from '../../../../schema/schema.ts';
import type {Database} from '../../../../sqlite/database.ts';
import {introspect} from '../../../../sqlite/introspect.ts';
import {clean} from '../../../../text/clean.ts';
import type {ForeignFolder} from '../foreign-migration.ts';
import {readMigrationText} from '../sql-files.ts';
import {appliedIn, isHistoryOf} from './applied.ts';
import type {CodeTool} from './code-tool.ts';
import {configuredIn} from './configured.ts';
import {knexTool} from './knex.ts';
import {kyselyTool} from './kysely.ts';
import {loadMigrationModules} from './load-modules.ts';
import {type CodeFile, differenceText, recordFiles} from './record-files.ts';
import {packageOf} from './tool-package.ts';

const tools: readonly CodeTool[] = [knexTool, kyselyTool];

/**
 * How to read this folder: migrations in code cannot be read as SQL, but they can be run. The project's own Knex or Kysely (`knex.ts`, `kysely.ts`)
 * runs each of them on an empty database in memory, through a connection of lite-migr (`recorder.ts`). The statements that it executes there become a
 * `.sql` migration.
 *
 * That is correct only if the code behaves the same in every database. So it runs three times (`record-migration.ts`), and everything that it reads
 * about rows is tracked. If rows decide what it does, an applied migration gets a guard for databases with rows, and a pending one is refused
 * (`record-files.ts`).
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
	const modules = await loadMigrationModules(
		sorted.map(({path}) => path),
		tool,
	);
	const migrationFiles = sorted.filter(({path}) => modules.has(path));
	const {applied, table, order, isReordered} = appliedIn(db, schema, tool, {
		names: migrationFiles.map(({name}) => name),
		tables: configured.tables,
		folder,
	});
	const {migrations, differences} = await recordFiles(migrationFiles.toSorted(byPlaceIn(order)), {
		modules,
		tool,
		context,
		applied,
		folder,
		present: schema,
		ignore,
	});
	return {
		tool: tool.tool,
		migrations,
		notes: [
			`the migrations ran on an empty database in memory, with ${tool.package} ${version} of the project`,
			...(table === undefined || nameKey(table) === tool.historyTable ? [] : [`the applied migrations are those in the table ${clean(table)}`]),
			...(isReordered ? ['the migrations are in the order they were applied, not in the order of their names'] : []),
			...(differences.length === 0
				? []
				: [
						`the applied migrations build a different schema than the database has (${differences.map(differenceText).join(', ')}); lite-migr status shows more`,
					]),
		],
	};
}

/** Returns the tool that the texts of the migrations name. The database decides if they name both or none. */
function toolOf(files: readonly CodeFile[], schema: Schema): CodeTool | undefined {
	if (files.some(({text}) => /@mikro-orm\/|\btypeorm\b|\bsequelize\b|\bqueryInterface\b/i.test(text))) return undefined;
	const named = tools.filter((tool) => files.some(({text}) => tool.owns(text)));
	if (named.length === 1) return named[0];
	return (named.length > 1 ? named : tools).find((tool) => schema.tables.some((table) => isHistoryOf(tool, table, schema)));
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
