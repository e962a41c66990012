import {MigrError} from '../../errors.ts';
import {advance} from '../../operations/advance.ts';
import {ChangedTableError, hashIn} from '../../operations/written-for.ts';
import type {SelectedMigration} from '../history/select.ts';
import type {ProjectState} from '../history/state.ts';
import type {PreparedMigration} from './prepare-run.ts';

/** Reports applied migrations whose file was renamed. */
export function renameNotices({renamed}: Pick<ProjectState, 'renamed'>): readonly string[] {
	return renamed.map(({from, to}) => `${from} is applied, and its file is now called ${to}: it does not run again`);
}

/** Reports pending migrations with the same contents as an applied one. */
export function copyNotices({pending}: Pick<ProjectState, 'pending'>, selected: readonly string[]): readonly string[] {
	return pending.flatMap(({file, copyOf}) =>
		copyOf === null || !selected.includes(file.name) ? [] : [`${file.name} has the same contents as ${copyOf}, which is applied: they run again`],
	);
}

/** Reports migrations that were marked as applied without being run, or may have been. */
export function adoptedNotices(selected: readonly SelectedMigration[]): readonly string[] {
	return selected.flatMap((one) => {
		if (one.kind !== 'adopted') return [];
		const isKnown = one.row.adopted === true;
		const fact = isKnown ? 'was marked as applied here, not run' : 'was applied by an earlier version, and may only have been marked as applied';
		return [`${one.name} ${fact}: only its record is removed, and no table changes`];
	});
}

/** Reports migrations whose downgrade does not fit their upgrade because the upgrade was edited, before they are applied. */
export function downgradeNotices(migrations: readonly PreparedMigration[]): readonly string[] {
	return migrations.flatMap(({name, after, undo}) => {
		let schema = after;
		try {
			for (const operation of undo) schema = advance(schema, operation);
		} catch (error) {
			// The schema changes of plain statements are unknown here, so no other errors are reported.
			if (!(error instanceof MigrError)) throw error;
			const hash = error instanceof ChangedTableError ? hashIn(schema, error.table) : undefined;
			if (error instanceof ChangedTableError && hash !== undefined)
				return [
					`the downgrade of ${name} was written for another definition of ${error.table} than its upgrade creates: set from to '${hash}' in its downgrade`,
				];
		}
		return [];
	});
}
