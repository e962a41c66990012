import {existsSync} from 'node:fs';
import {resolve} from 'node:path';
import {type Config, configName, findConfig, loadConfig} from '../core/config/config.ts';
import {MigrError} from '../core/errors.ts';
import type {Database} from '../core/sqlite/database.ts';
import {openDatabase} from '../core/sqlite/open.ts';
import {clean} from '../core/text/clean.ts';
import type {Context} from './line/command.ts';

/**
 * The configuration that a command works with: `--config`, otherwise `migrate.toml` in the working folder or the nearest of its parents.
 *
 * @throws MigrError `config`
 */
export function configOf({flags, cwd}: Pick<Context, 'flags' | 'cwd'>): Config {
	const file = flags.config === undefined ? findConfig(cwd) : resolve(cwd, flags.config);
	if (file === undefined) {
		throw new MigrError('config', `there is no ${configName} in ${clean(cwd)} or its parents`, {hint: 'lite-migr init writes one'});
	}
	return loadConfig(file, {db: flags.db, cwd});
}

/** Works on the database, read-only, where there is one; closes it afterwards. */
export async function withDatabase<T>(config: Config, work: (db: Database | undefined) => T | Promise<T>): Promise<T> {
	if (!existsSync(config.dbPath)) return await work(undefined);
	const db = openDatabase(config.dbPath, {readonly: true, wait: config.wait});
	try {
		return await work(db);
	} finally {
		db.close();
	}
}
