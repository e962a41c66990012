import {MigrError, restated} from '../../errors.ts';
import type {MigrationFile} from './list.ts';
import {loadModuleMigration} from './load-module.ts';
import {loadSqlMigration} from './load-sql.ts';
import type {Migration} from './migration.ts';

/** The operations of one migration file. Code in it is loaded, which runs `upgrade` and `downgrade` to record them, but no `op.run`. */
export async function loadMigration(file: MigrationFile): Promise<Migration> {
	try {
		if (file.kind === 'sql') return loadSqlMigration(file);
		return file.kind === 'py' ? await loadPythonMigration(file) : await loadModuleMigration(file);
	} catch (error) {
		// A definition that cannot be read says where in the definition; the file is known here.
		if (error instanceof MigrError && error.location?.file === undefined) {
			throw restated(error, {hint: error.hint ?? 'mend the migration', location: {file: file.path}});
		}
		throw error;
	}
}

/** One of pylite-orm. A parser of Python comes only with such files. */
async function loadPythonMigration({name, path, checksum, text}: MigrationFile): Promise<Migration> {
	const {readPythonMigration} = await import('./python/read.ts');
	return {name, path, format: 'py', checksum, ...readPythonMigration(path, text), transaction: true};
}

/** The migrations of several files, in their order: one after the other, so that the first that is wrong is the one that is told. */
export async function loadMigrations(files: readonly MigrationFile[]): Promise<readonly Migration[]> {
	const migrations: Migration[] = [];
	for (const file of files) migrations.push(await loadMigration(file));
	return migrations;
}
