import {MigrError, restated} from '../../../../errors.ts';
import {importModules, type ModuleExports} from '../../../../modules/import-modules.ts';
import {clean} from '../../../../text/clean.ts';
import type {CodeTool} from './code-tool.ts';
import {withShiftedClock} from './shifted-clock.ts';

/**
 * Imports the migrations of a tool, in the order of the files. Each call imports them again. Undefined for a file that the tool skips, because it exports
 * no migration.
 *
 * @throws MigrError `migration` if a file cannot be loaded, or if it exports no `up` and the tool does not skip it
 */
export async function loadMigrationModules(
	files: readonly string[],
	{tool}: CodeTool,
	{shiftsClock = false}: {readonly shiftsClock?: boolean} = {},
): Promise<readonly (ModuleExports | undefined)[]> {
	const load = async () => {
		try {
			return await importModules(files);
		} catch (error) {
			throw error instanceof MigrError ? asMigration(error) : error;
		}
	};
	const {modules} = shiftsClock ? await withShiftedClock(load) : await load();
	return modules.map(({file, exports}) => {
		const migration = migrationIn(exports);
		if (migration !== undefined || tool === 'Kysely') return migration;
		throw new MigrError('migration', `${tool} expects a function up in each file of the folder`, {
			location: {file},
			hint: 'move files that are not migrations to another folder; if the other tool is still in use, do so in a copy of the project',
		});
	});
}

/** CommonJS has all exports in `default`, and only those that Node detects by name. */
function migrationIn(exports: ModuleExports): ModuleExports | undefined {
	if (typeof exports.up === 'function') return exports;
	const {default: inner} = exports;
	return typeof inner === 'object' && inner !== null ? migrationIn(inner as ModuleExports) : undefined;
}

/** The loader speaks of models. */
function asMigration(error: MigrError): MigrError {
	const install = error.hint?.startsWith('install it in the project') === true ? `${error.hint}\n` : '';
	return restated(error, {
		code: 'migration',
		message: clean(error.message),
		hint: `${install}the migrations must load as they do with their tool; to adopt the database without its history, run lite-migr baseline <name>`,
	});
}
