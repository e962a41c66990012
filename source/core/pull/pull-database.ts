import type {Config} from '../config/config.ts';
import {MigrError} from '../errors.ts';
import {managedSchema} from '../migrations/history/managed-schema.ts';
import {databaseExists, type OnLock, openForReading} from '../migrations/project.ts';
import type {Schema} from '../schema/schema.ts';
import {introspect} from '../sqlite/introspect.ts';
import {clean} from '../text/clean.ts';
import {type Pulled, type PullFormat, pullModels} from './pull.ts';

/** A database as model files, and the schema they describe. */
export interface PulledDatabase extends Pulled {
	readonly format: PullFormat;
	readonly schema: Schema;
}

/**
 * Converts the schema of a project's database to model files, without writing them. Objects that lite-migr does not manage are omitted.
 *
 * @throws MigrError `database` if the database does not exist, `model` if the files cannot be read back
 */
export async function pullDatabase(config: Config, format: PullFormat, lock: OnLock = {}): Promise<PulledDatabase> {
	const {ignore, modelsDir} = config;
	if (!databaseExists(config)) {
		throw new MigrError('database', `no database at ${clean(config.dbPath)}`, {hint: 'check db_path in migrate.toml, or pass --db'});
	}
	const db = await openForReading(config, lock);
	try {
		const schema = managedSchema(introspect(db), ignore);
		return {...(await pullModels(schema, format, modelsDir, ignore)), format, schema};
	} finally {
		db.close();
	}
}
