import type {Engine} from '../../engines/engine.ts';
import {historyTable} from '../../runtime/history-table.ts';
import {openDatabase} from '../../sqlite/open.ts';
import {clean} from '../../text/clean.ts';
import {migrationsIn} from '../files/source.ts';
import type {ApplyOptions} from '../run/apply-options.ts';
import {compileRun, requireOneBatch} from '../run/compile-run.ts';
import {prepareRun} from '../run/prepare-run.ts';
import type {PreparedRun} from '../run/prepared-run.ts';
import {decisiveTables} from './decisive-tables.ts';
import {backupOwner, type LocalCopy} from './local-copy.ts';
import {requireFastEnough} from './time-limit.ts';

/** A run, and the statements that the engine runs as one batch. */
export interface EngineScript {
	readonly prepared: PreparedRun;
	readonly statements: readonly string[];
}

/**
 * Compiles a run for an engine. The script fails if the history, or the rows that decide what is lost, differ from the copy.
 *
 * @throws MigrError `plan` if the engine cannot run it
 */
export async function engineScript(options: ApplyOptions, engine: Engine, copy: LocalCopy): Promise<EngineScript> {
	const {file, tables, changed} = copy;
	const local = openDatabase(file, {readonly: true});
	const backupsOf = options.backupDir === undefined ? undefined : backupOwner(copy, options.backupDir);
	try {
		const prepared = await prepareRun({
			options,
			migrations: migrationsIn(options.migrationsDir, options.wranglerTable),
			db: local,
			portable: true,
			backupsOf,
		});
		if (prepared.migrations.length === 0) return {prepared, statements: []};
		requireOneBatch(prepared.migrations, engine.name);
		requireFastEnough(
			prepared.migrations.flatMap(({steps}) => steps),
			tables,
			engine,
		);
		const features = await engine.features();
		const history = options.wranglerTable ?? historyTable;
		const decisive = decisiveTables(prepared);
		const preconditions = [...changed]
			.filter(([table]) => table.toLowerCase() !== history.toLowerCase() && (decisive === 'all' || decisive.has(table.toLowerCase())))
			.map(([table, fails]) => ({message: `the rows of ${clean(table)} changed after they were read`, fails}));
		const groups = compileRun({db: local, prepared, options, features, engine: engine.name, preconditions});
		return {prepared, statements: groups.flatMap(({parts}) => parts.flatMap(({statements}) => statements))};
	} finally {
		local.close();
	}
}
