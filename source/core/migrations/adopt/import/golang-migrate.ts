import {MigrError} from '../../../errors.ts';
import type {Database} from '../../../sqlite/database.ts';
import {clean} from '../../../text/clean.ts';
import type {FolderReader} from './foreign-migration.ts';
import {sqlFiles, storedValues} from './sql-files.ts';

/**
 * https://github.com/golang-migrate/migrate/blob/master/MIGRATIONS.md: `1_name.up.sql` and `1_name.down.sql`. The tool accepts any extension after
 * `up.` and `down.`, even an empty one, as in `1_name.up..sql`. The table contains the newest version.
 */
export const readGolangMigrate: FolderReader = (folder, db) => {
	const files = sqlFiles(folder);
	const ups = files.filter(({name}) => upName.test(name));
	if (ups.length === 0) return undefined;
	const newest = newestVersion(db);
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

/**
 * Returns the version of the database, -1 if none.
 *
 * @throws MigrError `history` if a migration of the tool has failed partway through
 */
function newestVersion(db: Database): bigint {
	const stored = storedValues(db, 'schema_migrations', 'version');
	if (storedValues(db, 'schema_migrations', 'dirty').some((value) => Number(value) !== 0)) {
		throw new MigrError(
			'history',
			`golang-migrate has marked version ${clean(stored.join(', '))} as dirty: its migration failed, and may have run in part`,
			{
				hint: 'finish or undo it by hand, run migrate force VERSION, and import again',
			},
		);
	}
	const versions = stored.filter((value) => /^-?\d+$/.test(value));
	return versions.map(BigInt).reduce((max, version) => (version > max ? version : max), -1n);
}

const upName = /\.up\.*$/;
const downName = /\.down\.*$/;
