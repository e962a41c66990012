import {MigrError, restated} from '../../../../errors.ts';
import {importModules, type ModuleExports} from '../../../../modules/import-modules.ts';
import {clean} from '../../../../text/clean.ts';
import type {CodeTool} from './code-tool.ts';
import {withShiftedClock} from './shifted-clock.ts';

/**
 * Imports files, and returns their migrations by file. Each call imports them again. Files that export no migration are skipped if the tool skips them.
 *
 * @throws MigrError `migration` if a file cannot be loaded, or if it exports no `up` and the tool does not skip it
 */
export async function loadMigrationModules(
	files: readonly string[],
	{tool}: CodeTool,
	{shiftsClock = false}: {readonly shiftsClock?: boolean} = {},
): Promise<ReadonlyMap<string, ModuleExports>> {
	const load = async () => {
		try {
			return await importModules(files);
		} catch (error) {
			throw error instanceof MigrError ? asMigration(error) : error;
		}
	};
	const {modules} = shiftsClock ? await withShiftedClock(load) : await load();
	const found = new Map<string, ModuleExports>();
	for (const {file, exports} of modules) {
		const migration = migrationIn(exports);
		if (migration !== undefined) found.set(file, migration);
		// Kysely skips a file without migration, such as one with shared functions.
		if (migration !== undefined || tool === 'Kysely') continue;
		throw new MigrError('migration', `${tool} expects a function up in each file of the folder`, {
			location: {file},
			hint: 'move files that are not migrations to another folder; if the other tool is still in use, do so in a copy of the project',
		});
	}
	return found;
}

/** CommonJS has all exports in `default`, and only those that Node detects by name. */
function migrationIn(exports: ModuleExports): ModuleExports | undefined {
	if (typeof exports.up === 'function') return exports;
	const {default: inner} = exports;
	return typeof inner === 'object' && inner !== null ? migrationIn(inner as ModuleExports) : undefined;
}

/** The loader's messages mention models. */
function asMigration(error: MigrError): MigrError {
	const install = error.hint?.startsWith('install it in the project') === true ? `${error.hint}\n` : '';
	return restated(error, {
		code: 'migration',
		message: clean(error.message),
		hint: `${install}the migrations must load as they do with their tool; to adopt the database without its history, run lite-migr baseline <name>`,
	});
}
