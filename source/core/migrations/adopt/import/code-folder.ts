import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {MigrError} from '../../../errors.ts';
import {clean} from '../../../text/clean.ts';
import {readMigrationText} from './sql-files.ts';

/**
 * Refuses a folder of migrations in code, such as those of Knex, Kysely, TypeORM, MikroORM, Sequelize, Alembic and Django: only their own tool can run
 * them. Does nothing for other folders.
 *
 * @throws MigrError `usage`
 */
export function refuseCode(folder: string): void {
	const file = readdirSync(folder, {withFileTypes: true}).find(
		(entry) => entry.isFile() && /\.(?:[cm]?[jt]s|py|rb)$/.test(entry.name) && isMigration(join(folder, entry.name)),
	);
	if (file === undefined) return;
	throw new MigrError('usage', `the migrations in ${clean(folder)} are code, which only their own tool can run`, {
		location: {file: join(folder, file.name)},
		hint: 'apply all of them with their tool, then adopt the database as it is: lite-migr baseline <name>\nits tables become the first migration, and no table is changed',
	});
}

function isMigration(file: string): boolean {
	return /\bexports?\b[^;]*\bup\b|\basync up\b|\bdef (?:up|change|upgrade)\b|class Migration\b|\boperations\s*=/.test(readMigrationText(file));
}
