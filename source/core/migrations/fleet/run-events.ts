import {lossFindings} from '../effects/losses.ts';
import {isLoss} from '../effects/measured-table.ts';
import type {ApplyEvent, DoneEvent, FailedEvent} from '../event.ts';
import {type ApplySettings, apply} from '../run/apply.ts';
import type {ApplyOptions} from '../run/apply-options.ts';
import {findingLine} from '../run/consent.ts';
import type {FleetTarget} from './fleet.ts';

/** Receives the events of a run on one database. */
export type Emit = (event: ApplyEvent) => void;

/** Returns the events of a run on one database of a fleet. */
export async function* runEvents(options: ApplyOptions, {remote}: FleetTarget, settings: ApplySettings): AsyncGenerator<ApplyEvent, void, void> {
	if (remote === undefined) yield* apply(options, settings);
	else yield* (await import('../remote/apply-remote.ts')).applyRemote(options, remote);
}

/** The content of a run's events. */
export interface Tally {
	readonly end: DoneEvent | FailedEvent;
	/** The losses of the run, one per line. */
	readonly losses: readonly string[];
}

/** Passes on the events of a run and sums them up. */
export async function tally(events: AsyncIterable<ApplyEvent>, emit: Emit): Promise<Tally> {
	const losses = new Set<string>();
	let end: Tally['end'] | undefined;
	for await (const event of events) {
		emit(event);
		if (event.type === 'preflight') for (const finding of event.findings) if (finding.destructive) losses.add(findingLine(finding));
		if (event.type === 'effects') {
			const lost = event.tables.filter(isLoss).map((effect) => ({migration: event.migration, effect}));
			for (const finding of lossFindings(lost)) losses.add(findingLine(finding));
		}
		if (event.type === 'done' || event.type === 'failed') end = event;
	}
	if (end === undefined) throw new TypeError('a run ended without its last event');
	return {end, losses: [...losses]};
}
