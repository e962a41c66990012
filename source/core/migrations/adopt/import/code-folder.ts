import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {MigrError} from '../../../errors.ts';
import {clean} from '../../../text/clean.ts';
import {readMigrationText} from './sql-files.ts';

/** True if a folder has files in JavaScript or TypeScript that look like migrations. */
export function hasCode(folder: string): boolean {
	return migrationIn(folder, /\.[cm]?[jt]s$/) !== undefined;
}

/**
 * Refuses a folder of migrations in code that only their own tool can run, such as those of TypeORM, MikroORM, Sequelize, Alembic and Django. Does
 * nothing for other folders.
 *
 * @throws MigrError `usage`
 */
export function refuseCode(folder: string): void {
	const file = migrationIn(folder, /\.(?:[cm]?[jt]s|py|rb)$/);
	if (file === undefined) return;
	throw new MigrError('usage', `the migrations in ${clean(folder)} are code, which only their own tool can run`, {
		location: {file},
		hint: 'apply all of them with their tool, then adopt the database unchanged: lite-migr baseline <name>\nits tables become the first migration, and no table is changed',
	});
}

function migrationIn(folder: string, ending: RegExp): string | undefined {
	return readdirSync(folder, {withFileTypes: true})
		.filter((entry) => entry.isFile() && ending.test(entry.name))
		.map(({name}) => join(folder, name))
		.find(isMigration);
}

function isMigration(file: string): boolean {
	return /\bexports?\b[^;]*\bup\b|\basync up\b|\bdef (?:up|change|upgrade)\b|class Migration\b|\boperations\s*=/.test(readMigrationText(file));
}
