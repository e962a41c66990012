import type {Engine} from '../../engines/engine.ts';
import {quoted} from '../../schema/identifiers.ts';
import {openDatabase} from '../../sqlite/open.ts';
import {clean} from '../../text/clean.ts';
import {migrationsIn} from '../files/source.ts';
import {historyTable} from '../history/foreign-tools.ts';
import type {ApplyOptions} from '../run/apply-options.ts';
import {compileRun, requireOneBatch} from '../run/compile-run.ts';
import {prepareRun} from '../run/prepare-run.ts';
import type {PreparedRun} from '../run/prepared-run.ts';
import {backupOwner, type LocalCopy} from './local-copy.ts';
import {requireFastEnough} from './time-limit.ts';

/** A run, and the statements that the engine runs as one batch. */
export interface EngineScript {
	readonly prepared: PreparedRun;
	readonly statements: readonly string[];
}

/**
 * Compiles a run for an engine. The script fails if the history, or the number of rows in a table it changes, is not that of the copy.
 *
 * @throws MigrError `plan` if the engine cannot run it
 */
export async function engineScript(options: ApplyOptions, engine: Engine, copy: LocalCopy): Promise<EngineScript> {
	const {file, tables} = copy;
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
		const preconditions = [...tables]
			.filter(([table]) => isChanged(table, prepared, options))
			.map(([table, rows]) => ({
				message: `the rows of ${clean(table)} changed after they were read`,
				fails: `(SELECT count(*) FROM ${quoted(table)}) <> ${rows}`,
			}));
		const groups = compileRun({db: local, prepared, options, features, engine: engine.name, preconditions});
		return {prepared, statements: groups.flatMap(({parts}) => parts.flatMap(({statements}) => statements))};
	} finally {
		local.close();
	}
}

/** True for a table whose rows the run changes. The others may change at any time. */
function isChanged(table: string, {touched, changesRows}: PreparedRun, {wranglerTable = historyTable}: ApplyOptions): boolean {
	if (table.toLowerCase() === wranglerTable.toLowerCase()) return false;
	return changesRows && (touched === 'all' || touched.has(table.toLowerCase()));
}
