import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import type {FolderReader} from './foreign-migration.ts';
import {readMigrationText, storedValues} from './sql-files.ts';

/**
 * https://docs.rs/diesel_migrations: one folder per migration with `up.sql` and, usually, `down.sql`. The version is the part of the name before its
 * first underscore, without dashes.
 */
export const readDiesel: FolderReader = (folder, db) => {
	const names = readdirSync(folder, {withFileTypes: true})
		.filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'up.sql')))
		.map(({name}) => name)
		.sort((a, b) => (versionOf(a) < versionOf(b) ? -1 : versionOf(a) > versionOf(b) ? 1 : 0));
	if (names.length === 0) return undefined;
	const applied = storedValues(db, '__diesel_schema_migrations', 'version');
	return {
		tool: 'Diesel',
		migrations: names.map((name) => {
			const file = join(folder, name, 'down.sql');
			const down = existsSync(file) ? readMigrationText(file).trim() : '';
			return {
				name: `${versionOf(name)}${name.slice(name.indexOf('_'))}`,
				up: readMigrationText(join(folder, name, 'up.sql')).trim(),
				...(down === '' ? {} : {down}),
				isApplied: applied.includes(versionOf(name)),
			};
		}),
	};
};

function versionOf(name: string): string {
	return name.split('_', 1)[0]!.replaceAll('-', '');
}
