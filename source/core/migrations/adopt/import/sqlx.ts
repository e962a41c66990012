import type {FolderReader, ForeignMigration} from './foreign-migration.ts';
import {type SqlFile, sqlFiles, storedValues} from './sql-files.ts';

/**
 * https://docs.rs/sqlx/latest/sqlx/migrate: `<version>_<name>.sql`, or the same with `.up.sql` and `.down.sql`. Other tools name their files in the same
 * way, so the folder is only recognized if the database has the table of sqlx.
 */
export const readSqlx: FolderReader = (folder, db) => {
	if (db.value("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = '_sqlx_migrations' COLLATE NOCASE") === 0) return undefined;
	const files = sqlFiles(folder).filter(({name}) => /^\d+_/.test(name));
	if (files.length === 0) return undefined;
	const applied = storedValues(db, '_sqlx_migrations', 'version', ' WHERE success');
	const migrations = files
		.filter(({name}) => !name.endsWith('.down'))
		.map((file): ForeignMigration => {
			const down = downOf(file, files);
			return {
				name: file.name.replace(/\.up$/, ''),
				up: file.text.trim(),
				...(down === undefined || down === '' ? {} : {down}),
				isApplied: applied.includes(String(file.version)),
			};
		});
	return {tool: 'sqlx', migrations};
};

function downOf({name, version}: SqlFile, files: readonly SqlFile[]): string | undefined {
	if (!name.endsWith('.up')) return undefined;
	return files.find((file) => file.version === version && file.name.endsWith('.down'))?.text.trim();
}
