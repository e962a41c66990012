import {MigrError} from '../errors.ts';
import {engineFeatures} from '../script/engine-features.ts';
import type {Engine, ProbedFeatures} from './engine.ts';
import type {RawQuery} from './exact.ts';

/**
 * Asks the engine what it supports. `withoutKeys` runs a query like `apply` runs its statements, if that differs from `query`.
 *
 * @throws MigrError if the server cannot be reached or refuses access, including the permission to write
 */
export async function probedFeatures(engine: Engine, withoutKeys?: RawQuery): Promise<ProbedFeatures> {
	const attempt = async (sql: string): Promise<readonly (readonly unknown[])[]> => {
		try {
			return (await engine.query([{sql}]))[0]?.rows ?? [];
		} catch (error) {
			// The engine does not know the statement. Anything else is a problem of the connection.
			if (error instanceof MigrError && error.code === 'database') return [];
			throw error;
		}
	};
	// First a query that every engine supports, so that a broken connection is not mistaken for a missing feature.
	await engine.query([{sql: 'SELECT 1'}]);
	const keys = 'PRAGMA foreign_keys';
	const foreignKeys = withoutKeys === undefined ? await attempt(keys) : ((await withoutKeys([keys]))[0]?.rows ?? []);
	const legacyAlterTable = (await attempt('PRAGMA legacy_alter_table')).length > 0 && (await acceptsLegacyAlter(engine));
	const build = (await attempt('PRAGMA compile_options')).map(([option]) => String(option));
	const version = (await attempt('SELECT sqlite_version()'))[0]?.[0];
	return {
		foreignKeysOff: foreignKeys[0]?.[0] === 0,
		legacyAlterTable,
		maxStatementBytes: limitOf(build, 'MAX_SQL_LENGTH') ?? engineFeatures.sqlite.maxStatementBytes,
		maxColumns: limitOf(build, 'MAX_COLUMN') ?? engineFeatures.sqlite.maxColumns,
		sqliteVersion: version === undefined ? '' : String(version),
	};
}

/** libSQL allows the pragma to be read, but not set. Setting it to its default changes nothing. */
async function acceptsLegacyAlter(engine: Engine): Promise<boolean> {
	const outcome = await engine.apply(['PRAGMA legacy_alter_table=OFF']);
	// No migration was sent, so nothing can have changed.
	if (outcome.kind === 'unknown') throw new MigrError('database', outcome.error.message, {hint: 'run the command again'});
	if (outcome.kind === 'failed' && outcome.error.code !== 'database') throw outcome.error;
	return outcome.kind === 'committed';
}

function limitOf(build: readonly string[], name: string): number | undefined {
	const text = build.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
	return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}
