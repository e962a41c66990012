import type {FolderReader} from './foreign-migration.ts';
import {sqlFiles, storedValues} from './sql-files.ts';

/**
 * https://github.com/golang-migrate/migrate/blob/master/MIGRATIONS.md: `1_name.up.sql` and `1_name.down.sql`. The tool accepts any extension after `up.`
 * and `down.`, also an empty one, as in `1_name.up..sql`. The table contains the newest version.
 */
export const readGolangMigrate: FolderReader = (folder, db) => {
	const files = sqlFiles(folder);
	const ups = files.filter(({name}) => upName.test(name));
	if (ups.length === 0) return undefined;
	const newest = storedValues(db, 'schema_migrations', 'version').reduce((max, value) => (BigInt(value) > max ? BigInt(value) : max), -1n);
	return {
		tool: 'golang-migrate',
		migrations: ups.map(({name, text, version}) => {
			const back = files.find((file) => downName.test(file.name) && file.version === version)?.text.trim();
			return {
				name: name.replace(upName, ''),
				up: text.trim(),
				...(back === undefined || back === '' ? {} : {down: back}),
				isApplied: version <= newest,
			};
		}),
	};
};

const upName = /\.up\.*$/;
const downName = /\.down\.*$/;
