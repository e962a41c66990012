import type {MigrationFile} from '../files/list.ts';
import type {AppliedMigration} from '../files/migration.ts';
import {shortName} from '../files/names.ts';

/** An applied migration whose file has another name now. */
export interface RenamedMigration {
	/** The name in the history of the database. */
	readonly from: string;
	/** The name of the file. */
	readonly to: string;
}

/**
 * Applied migrations without a file that have the checksum of a file which was never applied: the file was renamed. Of several with the same
 * contents it does not matter which is which, so they are paired in order.
 */
export function renamedMigrations(files: readonly MigrationFile[], applied: readonly AppliedMigration[]): readonly RenamedMigration[] {
	const names = new Set(applied.map(({name}) => name));
	const known = new Set(files.map(({name}) => name));
	const open = files.filter(({name}) => !names.has(name));
	return applied.flatMap(({name, checksum}): readonly RenamedMigration[] => {
		if (known.has(name) || checksum === null) return [];
		const at = open.findIndex((file) => file.checksum === checksum);
		const [file] = at === -1 ? [] : open.splice(at, 1);
		return file === undefined ? [] : [{from: name, to: file.name}];
	});
}

/** The history with the names that the files have now. */
export function withNewNames(applied: readonly AppliedMigration[], renamed: readonly RenamedMigration[]): readonly AppliedMigration[] {
	if (renamed.length === 0) return applied;
	const names = new Map(renamed.map(({from, to}) => [from, to]));
	return applied.map((row) => ({...row, name: names.get(row.name) ?? row.name}));
}

/** Applied migrations without a file and pending ones of the same name but for its time: most likely renamed and edited, which cannot be told for sure. */
export function maybeRenamed(missing: readonly string[], pending: readonly string[]): readonly RenamedMigration[] {
	return missing.flatMap((from) => pending.filter((to) => shortName(to) === shortName(from)).map((to) => ({from, to})));
}
