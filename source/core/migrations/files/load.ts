import {MigrError, restated} from '../../errors.ts';
import type {MigrationFile} from './list.ts';
import {loadModuleMigration} from './load-module.ts';
import {loadSqlMigration, loadWranglerMigration} from './load-sql.ts';
import type {Migration} from './migration.ts';

/** Loads the operations of one migration file. For code, it calls `upgrade` and `downgrade` to record them, but does not run any `op.run`. */
export async function loadMigration(file: MigrationFile): Promise<Migration> {
	try {
		if (file.kind === 'sql') return loadSqlMigration(file);
		if (file.kind === 'wrangler') return loadWranglerMigration(file);
		return file.kind === 'py' ? await loadPythonMigration(file) : await loadModuleMigration(file);
	} catch (error) {
		// The error for an invalid definition has the position in the definition, but not the file.
		if (error instanceof MigrError && error.location?.file === undefined) {
			throw restated(error, {hint: error.hint ?? 'fix the migration', location: {file: file.path}});
		}
		throw error;
	}
}

/** Loads a migration of pylite-orm. The Python parser is imported only for such files. */
async function loadPythonMigration({name, path, checksum, text}: MigrationFile): Promise<Migration> {
	const {readPythonMigration} = await import('./python/read.ts');
	return {name, path, format: 'py', checksum, ...readPythonMigration(path, text), transaction: true};
}
