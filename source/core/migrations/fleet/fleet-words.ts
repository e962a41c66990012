import {clean} from '../../text/clean.ts';
import {count, plural} from '../../text/numbers.ts';
import type {FleetEvent, FleetPlanEvent} from './fleet.ts';

/** Describes the plan of a fleet run: `9,998 databases`, `apply 0012_names`. */
export function planRows({direction, pending, unchanged, later, failed}: FleetPlanEvent): readonly {readonly files: string; readonly what: string}[] {
	const verb = direction === 'upgrade' ? 'apply' : 'undo';
	const rows = [
		...pending.map(
			({migrations, count: files}) => [files, migrations.length === 0 ? 'record renamed migrations' : `${verb} ${listed(migrations)}`] as const,
		),
		...(unchanged === 0 ? [] : [[unchanged, 'nothing to do'] as const]),
		...(later === 0 ? [] : [[later, 'locked or on a server: at the end'] as const]),
		...(failed === 0 ? [] : [[failed, 'cannot be changed'] as const]),
	];
	const width = Math.max(0, ...rows.map(([files]) => count(files).length));
	return rows.map(([files, what]) => ({files: `${count(files).padStart(width)} ${files === 1 ? 'database ' : 'databases'}`, what}));
}

/** Names all migrations of a short list, and the first and last one of a long list. */
function listed(migrations: readonly string[]): string {
	const names = migrations.map(clean);
	return names.length <= 3 ? names.join(', ') : `${names[0]} … ${names.at(-1)} (${count(names.length)})`;
}

/** Describes the result of a fleet run: `2 upgraded, 1 failed`. */
export function resultText({direction, dryRun, applied, unchanged, failed, notStarted}: FleetEvent): string {
	const changed = dryRun ? 'would be changed' : direction === 'upgrade' ? 'upgraded' : 'downgraded';
	return [
		`${count(applied)} ${changed}`,
		...(unchanged === 0 ? [] : [`${count(unchanged)} unchanged`]),
		...(failed.length === 0 ? [] : [`${count(failed.length)} failed`]),
		...(notStarted === 0 ? [] : [`${count(notStarted)} not started`]),
	].join(', ');
}

/** Describes databases in the same state: `3 databases at 0012_names, schema 7e05894d`. */
export function groupText({at, schema, count: files}: FleetEvent['groups'][number]): string {
	if (schema === null && at === null) return `${plural(files, 'database')} in an unknown state`;
	const place = at === null ? 'no migration applied' : `at ${clean(at)}`;
	return `${plural(files, 'database')} ${place}${schema === null ? '' : `, schema ${schema}`}`;
}
