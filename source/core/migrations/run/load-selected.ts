import {resolve} from 'node:path';
import {MigrError} from '../../errors.ts';
import type {Operation} from '../../operations/operation.ts';
import {clean} from '../../text/clean.ts';
import type {Migration} from '../files/migration.ts';
import {wranglerDowngrades} from '../files/wrangler-folder.ts';
import type {SelectedMigration} from '../history/select.ts';
import type {ProjectState} from '../history/state.ts';
import {readStoredDowngrade, storedDowngrade} from '../history/stored-downgrade.ts';
import type {MigrationRun} from '../replay/replay.ts';
import type {ApplyOptions} from './apply-options.ts';

/** One direction of a migration, with its origin. */
export interface LoadedRun extends MigrationRun {
	readonly checksum: string;
	readonly transaction: boolean;
	/** `stored` is a downgrade from the history. `adopted` is a migration whose history row is removed without running it. */
	readonly origin: 'file' | 'stored' | 'adopted';
	/** True if the run can be undone, because its file has a downgrade. */
	readonly canUndo: boolean;
	/** The downgrade in the format of the history. Set for an upgrade from a file. */
	readonly downgrade: string | undefined;
	/** The operations of that downgrade. */
	readonly undo: readonly Operation[];
}

/**
 * Loads the migrations of a run, from their files or from the history.
 *
 * @throws MigrError `migration` if one has no downgrade, `history` if a stored downgrade cannot be used, or any error of `loadMigration`
 */
export async function loadSelected(
	{source}: ProjectState,
	selected: readonly SelectedMigration[],
	options: ApplyOptions,
): Promise<readonly LoadedRun[]> {
	const runs: LoadedRun[] = [];
	for (const one of selected) {
		if ('path' in one) runs.push(fileRun(await source.load(one), options));
		else if (one.kind === 'adopted') runs.push(recorded(one.name, one.kind, options, [], true));
		else runs.push(storedRun(one.name, one.row.downgrade ?? '', options));
	}
	return runs;
}

function storedRun(name: string, text: string, options: ApplyOptions): LoadedRun {
	const stored = readStoredDowngrade(name, text);
	if ('operations' in stored) return recorded(name, 'stored', options, stored.operations, stored.transaction);
	throw new MigrError('history', `${name} cannot be undone: its file is missing`, {
		details: [`the database does not store a downgrade of it: ${clean(stored.reason)}`],
		hint: 'restore the file, for example from git, or restore a backup with lite-migr restore',
	});
}

function recorded(
	name: string,
	origin: 'stored' | 'adopted',
	{database}: ApplyOptions,
	operations: LoadedRun['operations'],
	transaction: boolean,
): LoadedRun {
	return {name, path: resolve(database), operations, checksum: '', transaction, origin, canUndo: false, downgrade: undefined, undo: []};
}

function fileRun(migration: Migration, {direction}: ApplyOptions): LoadedRun {
	const {name, path, checksum, transaction, upgrade, downgrade, format} = migration;
	const common = {name, path, checksum, transaction, origin: 'file' as const, canUndo: downgrade !== undefined};
	if (direction === 'upgrade') return {...common, operations: upgrade, downgrade: storedDowngrade(migration), undo: downgrade ?? []};
	if (downgrade !== undefined) return {...common, operations: downgrade, downgrade: undefined, undo: []};
	throw new MigrError('migration', `${name} cannot be undone: it has no downgrade`, {
		location: {file: path},
		hint: `add ${writtenDowngrades[format]}, or restore a backup with lite-migr restore`,
	});
}

const writtenDowngrades: Readonly<Record<Migration['format'], string>> = {
	ts: 'export function downgrade(op: MigrationBuilder) { … }',
	sql: 'a "-- downgrade" line, followed by the statements that undo the migration',
	py: 'def downgrade(op): …',
	wrangler: `a file of the same name in ${wranglerDowngrades}/, with the statements that undo the migration`,
};
