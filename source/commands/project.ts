import type {Config} from '../core/config/config.ts';
import {projectAt} from '../core/migrations/project.ts';
import type {Context} from './line/command.ts';

export {withDatabase} from '../core/migrations/project.ts';

/**
 * Returns the configuration for a command: the file passed with `--config`, otherwise `migrate.toml` in the working folder or the nearest parent
 * folder.
 *
 * @throws MigrError `config` if there is no configuration or it is invalid
 */
export function configOf({flags, cwd}: Pick<Context, 'flags' | 'cwd'>): Config {
	return projectAt({cwd, config: flags.config, db: flags.db});
}
