import {planRows} from '../../core/migrations/fleet/fleet-words.ts';
import {count, duration, percent, plural} from '../../core/text/numbers.ts';
import {spinner} from '../components/progress-bar/progress-bar.ts';
import {blank, type Line, line, prose, span, spans, together} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import {minSpaciousRows, narrow, type Page} from '../page/page.ts';
import type {FleetRequest} from '../services.ts';
import {barLine} from './bar-line.ts';
import type {FailedDatabase, FleetState} from './fleet-state.ts';
import {holderOf} from './lock-lines.ts';

/** A run on several databases, as its screens name it. */
export interface FleetRun {
	readonly request: FleetRequest;
	/** The patterns, names or the list of the command line. */
	readonly named: string;
}

/** Milliseconds after which the name of a database that is still running is shown. */
const msUntilName = 1000;

/** Returns the page of a fleet run in progress, at `now` of the screen clock. */
export function fleetPage(state: FleetState, run: FleetRun, now: number, look: Look): Page {
	const canary = canaryLines(state, run, now, look);
	const progress = progressLines(state, now, look);
	const bar = canary.length + progress.length - 1;
	return {
		title: fleetTitle(state, run),
		body: [...canary, ...progress, ...runningLines(state, now, look), ...newestFailures(state.failures, look)],
		focus: {first: bar, last: bar},
		bottom: remarksOf(state).flatMap((remark) => [blank, prose(4, '  ', span('! ', 'notice'), remark)]),
		hints: [{keys: 'ctrl-c', label: stopLabel(state, look)}],
		isTyping: true,
	};
}

/** Names the run: the number of databases, what they are, the migrations, and the threads. */
export function fleetTitle({plan}: FleetState, {request: {settings, targets, jobs}, named}: FleetRun): Line {
	const verb = settings.direction === 'upgrade' ? 'Upgrade' : 'Downgrade';
	const facts = [
		named,
		...(plan === undefined ? [] : movementOf(plan)),
		...(jobs > 1 ? [plural(jobs, 'thread')] : []),
		...(settings.dryRun === true ? ['dry run on private copies'] : []),
	];
	return prose(2, span(`${verb} ${plural(targets.length, 'database')}`, 'strong'), ...facts.map((fact) => span(`   ${together(fact)}`, 'quiet')));
}

/** Returns `0011 → 0012` if all databases with something to do are at the same migration. */
function movementOf({direction, pending}: NonNullable<FleetState['plan']>): readonly string[] {
	const [first] = pending;
	if (first === undefined || direction !== 'upgrade' || pending.length > 1) return [];
	const last = first.migrations.at(-1);
	return last === undefined ? [] : [`${first.from === null ? '' : `${first.from} `}→ ${last}`];
}

function canaryLines({canary, progress}: FleetState, {request}: FleetRun, now: number, look: Look): readonly Line[] {
	if (request.canary === undefined || progress === undefined || progress.phase === 'look') return [];
	if (canary === undefined) {
		return [line('  ', spinner(now, look.isAscii), ' canary ', `${count(progress.done)} of ${count(progress.total)}`), blank];
	}
	const isFailed = canary.failed > 0;
	const sign = isFailed ? span('✗ ', 'failed') : span('✔ ', 'done');
	return [line('  ', sign, `canary ${count(canary.done)} of ${count(canary.total)}${isFailed ? `, ${count(canary.failed)} failed` : ''}`), blank];
}

function progressLines({progress, phaseStartedAt}: FleetState, now: number, look: Look): readonly Line[] {
	if (progress === undefined) return [line('  ', spinner(now, look.isAscii), ' ', span('looking at the databases', 'quiet'))];
	const {phase, done, total, failed} = progress;
	const elapsed = now - phaseStartedAt;
	const left = done === 0 || done >= total || elapsed <= 0 ? '' : `   ${duration((elapsed / done) * (total - done))} left`;
	const all = count(total);
	const share = total === 0 ? 0 : done / total;
	const figures = [
		{text: spans(`  ${percent(share).padStart(4)}`), room: 7},
		{text: spans(span(`   ${count(done).padStart(all.length)} done`, 'quiet')), room: 8 + all.length},
		{text: failed === 0 ? [] : spans(span(`   ${count(failed)} failed`, 'failed')), room: 10 + all.length},
		{text: spans(span(left, 'quiet')), room: 17},
	];
	const what = phase === 'look' ? 'looking at the databases; nothing is written yet' : `${count(done)} of ${count(total)}`;
	return [
		...(phase === 'look' ? [line('  ', spinner(now, look.isAscii), ' ', span(what, 'quiet'))] : []),
		barLine(share, figures, `${what}: ${percent(share)}, ${count(failed)} failed${left}`, look),
	];
}

/** Names databases that take long, so that a large one does not look stuck. */
function runningLines({running}: FleetState, now: number, look: Look): readonly Line[] {
	const slow = running.filter(({startedAt}) => now - startedAt > msUntilName);
	if (slow.length === 0) return [];
	const most = look.rows >= minSpaciousRows ? 3 : 1;
	return [
		blank,
		...slow.slice(0, most).map(({database, startedAt, lock}) => {
			const time = duration(Math.floor((now - startedAt) / 1000) * 1000);
			const waits = lock === undefined ? '' : `   waiting for the lock of ${holderOf(lock)}`;
			return line('  ', spinner(now, look.isAscii), ' ', database, span(`   ${time}${waits}`, 'quiet'));
		}),
		...(slow.length > most ? [line(span(`    and ${count(slow.length - most)} more`, 'quiet'))] : []),
	];
}

/** Returns the newest failures that fit, newest first, each on one line. The summary has all of them in full. */
function newestFailures(failures: readonly FailedDatabase[], look: Look): readonly Line[] {
	if (failures.length === 0) return [];
	const most = Math.max(1, Math.min(10, look.rows - 13));
	const newest = failures.slice(-most).toReversed();
	const more = failures.length - newest.length;
	return [
		blank,
		...newest.map(({database, failure}) => line('  ', span('✗ ', 'failed'), database, '   ', failure.message.split('\n')[0] ?? '')),
		...(more > 0 ? [line(span(`    and ${count(more)} more`, 'quiet'))] : []),
	];
}

function remarksOf(state: FleetState): readonly string[] {
	return [
		...(state.isPauseRefused ? ['ctrl-z is ignored during a run: the suspended run would keep databases locked'] : []),
		...(state.isStopping ? [state.progress?.phase === 'look' ? 'stopping …' : 'stopping after the current databases …'] : []),
	];
}

function stopLabel({isStopping, progress}: FleetState, look: Look): string {
	if (isStopping) return 'again quits immediately';
	if (progress === undefined || progress.phase === 'look') return 'stops; nothing is written yet';
	return look.columns < narrow ? 'stops after the current ones' : 'stops after the current databases; run it again to continue';
}

/** Describes the plan: how many databases get which migrations. */
export function planLines(plan: NonNullable<FleetState['plan']>): readonly Line[] {
	return planRows(plan).map(({files, what}) => prose(4, '  ', span(files, 'strong'), '   ', what));
}
