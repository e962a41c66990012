import {basename} from 'node:path';
import type {Config, FileFormat} from '../core/config/config.ts';
import {withDatabase as openedDatabase, projectAt} from '../core/migrations/project.ts';
import type {Database} from '../core/sqlite/database.ts';
import {clean} from '../core/text/clean.ts';
import type {Context} from './line/command.ts';
import {lockWait} from './lock-wait.ts';
import {shownPath} from './text/error-text.ts';

export {databaseExists, requireFile, requireRestorable} from '../core/migrations/project.ts';

/**
 * Returns the configuration for a command: the file passed with `--config`, otherwise `migrate.toml` in the working folder or the nearest parent
 * folder.
 *
 * @param format `--format` of a command that writes a migration
 * @throws MigrError `config` if there is no configuration or it is invalid
 */
export function configOf({flags, cwd, environment, output}: Pick<Context, 'flags' | 'cwd' | 'environment' | 'output'>, format?: string): Config {
	const config = projectAt({cwd, config: flags.config, db: flags.db, environment, format: format as FileFormat | undefined});
	if (config.dbName !== undefined) output.rename([config.dbPath, shownPath(config.dbPath, cwd), basename(config.dbPath)], clean(config.dbName));
	return config;
}

/** Calls `work` with the database, opened read-only, or with undefined if it does not exist. If it is locked, says so and waits. */
export async function withDatabase<T>(
	context: Pick<Context, 'output' | 'onInterrupt'>,
	config: Config,
	work: (db: Database | undefined) => T | Promise<T>,
): Promise<T> {
	return await openedDatabase(config, work, lockWait(context));
}

/** Returns the name of the database for messages: its path, `d1-local:shop` or `d1 shop`. */
export function shownDatabase({dbPath, dbName, remote}: Pick<Config, 'dbPath' | 'dbName' | 'remote'>, cwd: string): string {
	if (dbName !== undefined) return clean(dbName);
	return remote === undefined ? shownPath(dbPath, cwd) : clean(dbPath);
}
