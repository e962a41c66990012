import {groupText, resultText} from '../../core/migrations/fleet/fleet-words.ts';
import {bytes, count, duration, plural} from '../../core/text/numbers.ts';
import {errorLines} from '../components/error-view/error-lines.ts';
import {blank, type Line, line, prefixed, prose, ruled, type Span, span, together} from '../page/line.ts';
import {type FleetRun, fleetTitle, planLines} from './fleet-page.ts';
import type {FailedDatabase, FleetState} from './fleet-state.ts';

/** The number of kinds of failures, and of losses, in the summary. `--json` has all of them. */
const shown = 20;

/** The number of databases that are named if they failed for the same reason. */
const shownNames = 5;

/** Returns the summary that stays on the screen after a fleet run: the plan, the failures with their reasons, and the databases by their state. */
export function fleetSummary(state: FleetState, run: FleetRun): readonly Line[] {
	const {end, plan, canary, failures} = state;
	if (end === undefined) return [];
	return [
		fleetTitle(state, run),
		...(plan === undefined ? [] : planLines(plan)),
		...(plan === undefined || !end.dryRun ? [] : lossLines(plan.losses, shown)),
		...(canary === undefined ? [] : [canaryLine(canary)]),
		...failureLines(failures),
		blank,
		prose(2, signOf(end), span(resultText(end), 'strong'), '   ', span(together(duration(end.durationMs)), 'quiet')),
		...end.groups.map((group) => prose(4, '  ', span(groupText(group), 'quiet'))),
		...(end.backups === 0
			? []
			: [prose(4, span(`  ${plural(end.backups, 'backup was', 'backups were')} taken   `, 'quiet'), span('lite-migr restore --db FILE', 'accent'))]),
		...(end.dryRun ? [prose(2, span('  dry run: nothing was written', 'quiet'))] : []),
		...stoppedLines(end.stopped),
	];
}

function canaryLine({done, total, failed}: NonNullable<FleetState['canary']>): Line {
	const sign = failed > 0 ? span('✗ ', 'failed') : span('✔ ', 'done');
	return line('  ', sign, `canary ${count(done)} of ${count(total)}${failed > 0 ? `, ${count(failed)} failed` : ''}`);
}

function signOf({stopped, failed}: NonNullable<FleetState['end']>): Span {
	if (stopped === null) return failed.length === 0 ? span('✔ ', 'done') : span('! ', 'notice');
	return stopped.code === 'cancelled' ? span('○ ', 'notice') : span('✗ ', 'failed');
}

/** Returns the failures in full: the databases, the reason, and how to fix it. Databases that failed for the same reason are grouped. */
export function failureLines(failures: readonly FailedDatabase[]): readonly Line[] {
	const groups = [...Map.groupBy(failures, reasonOf).values()];
	const more = groups.slice(shown).reduce((sum, group) => sum + group.length, 0);
	return [...groups.slice(0, shown).flatMap(groupLines), ...(more > 0 ? [line(span(`    and ${count(more)} more: --json lists all`, 'quiet'))] : [])];
}

/** Returns the reason of a failure, without the name of the database. */
function reasonOf({database, failure: {code, message}}: FailedDatabase): string {
	return `${code}: ${message.replaceAll(database.split(/[/\\]/).at(-1) ?? '', '')}`;
}

function groupLines(group: readonly FailedDatabase[]): readonly Line[] {
	const [first] = group;
	if (first === undefined) return [];
	const {code, message, details, hint} = first.failure;
	const others = group.slice(1, shownNames).map(({database}) => database);
	const more = group.length - 1 - others.length;
	return [
		prose(4, '  ', span('✗ ', 'failed'), span(first.database, 'strong'), `   ${code}: ${message}`),
		...details.flatMap((detail) => detail.split('\n')).map((text) => prefixed(span('    '), ruled(span(text, 'quiet')))),
		...(hint === null ? [] : hint.split('\n').map((text) => prose(4, '    ', text))),
		...(others.length === 0
			? []
			: [prose(4, span('    the same in ', 'quiet'), others.join(', '), more > 0 ? ` and ${plural(more, 'more database', 'more databases')}` : '')]),
	];
}

/** Returns the losses, by database. */
export function lossLines(losses: NonNullable<FleetState['plan']>['losses'], most = Number.POSITIVE_INFINITY): readonly Line[] {
	const more = losses.length - most;
	return [
		...losses
			.slice(0, most)
			.flatMap(({database, losses: each}) => each.map((one) => ruled(span('▲ ', 'danger'), span(database, 'strong'), `   ${one}`))),
		...(more > 0 ? [line(span(`  and in ${plural(more, 'more database', 'more databases')}: --json lists all`, 'quiet'))] : []),
	];
}

/** Returns the backups that the run takes first. */
export function fleetBackupLine({backups, backupBytes, bytesFree}: NonNullable<FleetState['plan']>): Line {
	if (backups === 0) return ruled(span('! ', 'notice'), span('no backup is taken first', 'strong'));
	const free = bytesFree === null ? '' : `; ${bytes(bytesFree)} free`;
	return ruled(span('✔ ', 'done'), `backups first: ${plural(backups, 'database')}, ${bytes(backupBytes)} in all${free}`);
}

function stoppedLines(stopped: NonNullable<FleetState['end']>['stopped']): readonly Line[] {
	if (stopped === null) return [];
	const {code, message, details, hint} = stopped;
	return errorLines({
		sign: code === 'cancelled' ? span('○ ', 'notice') : span('✗ ', 'failed'),
		title: message,
		message: '',
		location: null,
		details,
		hint,
	});
}
