import type {DoneEvent, FailedEvent} from '../../core/migrations/event.ts';
import {waysBack} from '../../core/migrations/ways-back.ts';
import {duration, plural} from '../../core/text/numbers.ts';
import {errorLines} from '../components/error-view/error-lines.ts';
import {blank, type Line, prose, span, together} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import {effectLossLines} from '../screens/effects.ts';
import {finishedLines, preparationLines} from './run-page.ts';
import type {RunState} from './run-state.ts';

/** Returns the summary that stays on the screen after a run: the migrations, the time, the backup, and how to undo. */
export function summaryLines(state: RunState, title: Line, look: Look): readonly Line[] {
	const {end} = state;
	if (end === undefined) return [];
	return end.type === 'done'
		? [title, ...preparationLines(state), ...finishedLines(state, look), ...effectLossLines(state.effects, false), blank, ...doneLines(end)]
		: [...failedLines(end)];
}

function doneLines(end: DoneEvent): readonly Line[] {
	if (end.dryRun)
		return [prose(2, span('✔ ', 'done'), span('the dry run succeeded', 'strong'), `; ${end.database} is unchanged   ${duration(end.durationMs)}`)];
	const steps = end.applied.reduce((sum, migration) => sum + migration.steps, 0);
	const figures = [plural(end.applied.length, 'migration'), plural(steps, 'step'), duration(end.durationMs)].map(together).join(', ');
	const at = end.currentMigration === null ? 'has no migration applied' : `is at ${end.currentMigration}`;
	const ways = waysBack(end.undo, end.undoLimits);
	return [
		prose(2, span('✔ ', 'done'), span(`${end.database} ${at}`, 'strong'), '   ', span(figures, 'quiet')),
		...ways.map(([label, command, limits]) =>
			prose(12, span(`  ${label.padEnd(7)}   `, 'quiet'), span(command, 'accent'), limits ? span(`   ${limits}`, 'quiet') : ''),
		),
	];
}

function failedLines(end: FailedEvent): readonly Line[] {
	const isCancelled = end.code === 'cancelled';
	const lines = errorLines({
		...(isCancelled ? {sign: span('○ ', 'notice')} : {}),
		title: isCancelled ? 'Stopped.' : end.migration === null ? 'The run failed.' : `${end.migration} failed.`,
		state: sentence(end.state),
		message: isCancelled ? '' : end.message,
		location: end.location,
		details: end.details,
		hint: end.hint,
	});
	const backup = end.backup === null ? [] : [prose(4, '  ', span('backup ', 'quiet'), end.backup)];
	return [...lines, ...backup];
}

function sentence(state: string): string {
	// Do not capitalize file names.

	const started = state.replace(/^[a-z]+(?= )/, (word) => word.charAt(0).toUpperCase() + word.slice(1));
	return started === '' || /[.!]$/.test(started) ? started : `${started}.`;
}
