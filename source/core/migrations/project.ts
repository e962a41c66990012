import {existsSync} from 'node:fs';
import {resolve} from 'node:path';
import {type Config, configName, findConfig, loadConfig} from '../config/config.ts';
import {MigrError} from '../errors.ts';
import type {Database} from '../sqlite/database.ts';
import {openDatabase} from '../sqlite/open.ts';
import {clean} from '../text/clean.ts';

/** Where a project is, as a command line says it. */
export interface ProjectPlace {
	/** The working folder. */
	readonly cwd: string;
	/** `--config`: otherwise `migrate.toml` in the working folder or the nearest of its parents. */
	readonly config: string | undefined;
	/** `--db`: instead of db_path. */
	readonly db: string | undefined;
}

/** The configuration of a project; undefined where there is none. Throws MigrError `config` where it is wrong. */
export function findProject({cwd, config, db}: ProjectPlace): Config | undefined {
	const file = config === undefined ? findConfig(cwd) : resolve(cwd, config);
	return file === undefined ? undefined : loadConfig(file, {db, cwd});
}

/** As `findProject`; throws MigrError `config` where there is none. */
export function projectAt(place: ProjectPlace): Config {
	const config = findProject(place);
	if (config === undefined) {
		throw new MigrError('config', `there is no ${configName} in ${clean(place.cwd)} or its parents`, {hint: 'lite-migr init writes one'});
	}
	return config;
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
