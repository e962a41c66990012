import {MigrError} from '../../errors.ts';
import {advance} from '../../operations/advance.ts';
import {ChangedTableError, hashIn} from '../../operations/written-for.ts';
import type {SelectedMigration} from '../history/select.ts';
import type {ProjectState} from '../history/state.ts';
import type {PreparedMigration} from './prepare-run.ts';

/** Applied migrations whose file was renamed. */
export function renameNotices({renamed}: Pick<ProjectState, 'renamed'>): readonly string[] {
	return renamed.map(({from, to}) => `${from} is applied, and its file is now called ${to}: it does not run again`);
}

/** Migrations that are about to run with the contents of one that is applied. */
export function copyNotices({pending}: Pick<ProjectState, 'pending'>, selected: readonly string[]): readonly string[] {
	return pending.flatMap(({file, copyOf}) =>
		copyOf === null || !selected.includes(file.name) ? [] : [`${file.name} has the same contents as ${copyOf}, which is applied: they run again`],
	);
}

/** Migrations that were marked as applied without being run, or may have been. */
export function adoptedNotices(selected: readonly SelectedMigration[]): readonly string[] {
	return selected.flatMap((one) => {
		if (one.kind !== 'adopted') return [];
		const isKnown = one.row.adopted === true;
		const fact = isKnown ? 'was marked as applied here, not run' : 'was applied by an earlier version, and may only have been marked as applied';
		return [`${one.name} ${fact}: only its record is removed, and no table changes`];
	});
}

/** Migrations whose upgrade was edited so that their downgrade no longer fits it: better known before they are applied. */
export function downgradeNotices(migrations: readonly PreparedMigration[]): readonly string[] {
	return migrations.flatMap(({name, after, undo}) => {
		let schema = after;
		try {
			for (const operation of undo) schema = advance(schema, operation);
		} catch (error) {
			// What plain statements of the downgrade do to the schema is not known here, so nothing else can be told.
			if (!(error instanceof MigrError)) throw error;
			const hash = error instanceof ChangedTableError ? hashIn(schema, error.table) : undefined;
			if (error instanceof ChangedTableError && hash !== undefined)
				return [`the downgrade of ${name} was written for another ${error.table} than its upgrade makes: in its downgrade, set from to '${hash}'`];
		}
		return [];
	});
}
