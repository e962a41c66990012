import type {Config, FileFormat} from '../core/config/config.ts';
import {projectAt} from '../core/migrations/project.ts';
import {clean} from '../core/text/clean.ts';
import type {Context} from './line/command.ts';
import {shownPath} from './text/error-text.ts';

export {databaseExists, requireFile, requireRestorable, withDatabase} from '../core/migrations/project.ts';

/**
 * Returns the configuration for a command: the file passed with `--config`, otherwise `migrate.toml` in the working folder or the nearest parent
 * folder.
 *
 * @param format `--format` of a command that writes a migration
 * @throws MigrError `config` if there is no configuration or it is invalid
 */
export function configOf({flags, cwd, environment}: Pick<Context, 'flags' | 'cwd' | 'environment'>, format?: string): Config {
	return projectAt({cwd, config: flags.config, db: flags.db, environment, format: format as FileFormat | undefined});
}

/** Returns the name of the database for messages: its path, or `d1 shop`. */
export function shownDatabase({dbPath, remote}: Pick<Config, 'dbPath' | 'remote'>, cwd: string): string {
	return remote === undefined ? shownPath(dbPath, cwd) : clean(dbPath);
}
