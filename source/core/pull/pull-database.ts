import {existsSync} from 'node:fs';
import type {Config} from '../config/config.ts';
import {MigrError} from '../errors.ts';
import {managedSchema} from '../migrations/history/managed-schema.ts';
import type {Schema} from '../schema/schema.ts';
import {introspect} from '../sqlite/introspect.ts';
import {openDatabase} from '../sqlite/open.ts';
import {clean} from '../text/clean.ts';
import {type Pulled, type PullFormat, pullModels} from './pull.ts';

/** A database as models, and the schema that they are of. */
export interface PulledDatabase extends Pulled {
	readonly format: PullFormat;
	readonly schema: Schema;
}

/**
 * The schema of a project's database as model files, without what is not ours; writes none of them.
 *
 * @throws MigrError `database` where there is no database, `model` where the files cannot be read back
 */
export async function pullDatabase({dbPath, ignore, modelsDir, wait}: Config, format: PullFormat): Promise<PulledDatabase> {
	if (!existsSync(dbPath)) {
		throw new MigrError('database', `there is no database at ${clean(dbPath)}`, {hint: 'check db_path in migrate.toml, or give --db'});
	}
	const db = openDatabase(dbPath, {readonly: true, wait});
	try {
		const schema = managedSchema(introspect(db), ignore);
		return {...(await pullModels(schema, format, modelsDir, ignore)), format, schema};
	} finally {
		db.close();
	}
}
