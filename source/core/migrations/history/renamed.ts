import type {MigrationFile} from '../files/list.ts';
import type {AppliedMigration} from '../files/migration.ts';
import {shortName} from '../files/names.ts';

/** An applied migration whose file was renamed. */
export interface RenamedMigration {
	/** The name in the history of the database. */
	readonly from: string;
	/** The name of the file. */
	readonly to: string;
}

/**
 * Finds renamed migrations: applied migrations without a file that have the checksum of a pending file. If several have the same contents, they
 * are paired in order.
 */
export function renamedMigrations(files: readonly MigrationFile[], applied: readonly AppliedMigration[]): readonly RenamedMigration[] {
	const names = new Set(applied.map(({name}) => name));
	const fileNames = new Set(files.map(({name}) => name));
	if (applied.every(({name}) => fileNames.has(name))) return [];
	const open = files.filter(({name}) => !names.has(name));
	return applied.flatMap(({name, checksum}): readonly RenamedMigration[] => {
		if (fileNames.has(name) || checksum === null) return [];
		const at = open.findIndex((file) => file.checksum === checksum);
		const [file] = at === -1 ? [] : open.splice(at, 1);
		return file === undefined ? [] : [{from: name, to: file.name}];
	});
}

/** Returns the history with the current names of the files. */
export function historyWithNewNames(applied: readonly AppliedMigration[], renamed: readonly RenamedMigration[]): readonly AppliedMigration[] {
	if (renamed.length === 0) return applied;
	const names = new Map(renamed.map(({from, to}) => [from, to]));
	return applied.map((row) => ({...row, name: names.get(row.name) ?? row.name}));
}

/**
 * Pairs applied migrations without a file with pending ones whose name differs only in its timestamp. The file was probably renamed and edited,
 * but that is not certain.
 */
export function maybeRenamed(missing: readonly string[], pending: readonly string[]): readonly RenamedMigration[] {
	return missing.flatMap((from) => pending.filter((to) => shortName(to) === shortName(from)).map((to) => ({from, to})));
}
