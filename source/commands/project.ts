import type {Config} from '../core/config/config.ts';
import {projectAt} from '../core/migrations/project.ts';
import type {Context} from './line/command.ts';

export {withDatabase} from '../core/migrations/project.ts';

/**
 * The configuration that a command works with: `--config`, otherwise `migrate.toml` in the working folder or the nearest of its parents.
 *
 * @throws MigrError `config`
 */
export function configOf({flags, cwd}: Pick<Context, 'flags' | 'cwd'>): Config {
	return projectAt({cwd, config: flags.config, db: flags.db});
}
