import type {Finding} from '../../core/migrations/finding.ts';
import {bytes, count, duration, percent, plural, short} from '../../core/text/numbers.ts';
import {spinner} from '../components/progress-bar/progress-bar.ts';
import {widthOf} from '../page/fit.ts';
import {blank, type Line, line, prefixed, prose, ruled, span, spans, together} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import {narrow, type Page} from '../page/page.ts';
import {findingSentence} from '../screens/findings.ts';
import {barLine} from './bar-line.ts';
import {lockLines} from './lock-lines.ts';
import {type CurrentMigration, estimatedShare, type RunningStep, type RunState} from './run-state.ts';

/** Milliseconds before a progress bar appears. A bar that disappears immediately only flickers. */
const msUntilBarIsShown = 300;

/** Seconds before the time of a silent activity is shown. */
const secondsUntilTimeIsShown = 2;

/** Returns the page of a run in progress, at `now` of the screen clock. */
export function runPage(state: RunState, title: Line, now: number, look: Look): Page {
	const body = [...preparationLines(state), ...finishedLines(state, look), ...activityLines(state, now, look)];
	// The progress is at the end. Everything above it is already done.
	const progress = Math.max(0, body.length - (state.lock === undefined ? 1 : lockLines(state.lock, now, look).length));
	return {
		title,
		body,
		focus: {first: progress, last: progress},
		bottom: remarksOf(state).flatMap((remark) => [blank, prose(4, '  ', span('! ', 'notice'), remark)]),
		hints: [
			...(state.current?.step === undefined ? [] : [{keys: 'tab', label: state.showsReason ? 'less' : 'why', isExtra: true}]),
			{keys: 'ctrl-c', label: state.isStopping ? 'again quits immediately' : stopLabel(state)},
		],
		isTyping: true,
	};
}

function remarksOf(state: RunState): readonly string[] {
	return [
		...(state.isPauseRefused ? ['ctrl-z is ignored during a run: the suspended run would keep the database locked'] : []),
		...(state.isStopping ? [stoppingText(state)] : []),
	];
}

function stopLabel({isRemote, lock, current, finished}: RunState): string {
	if (lock !== undefined && current === undefined && finished.length === 0) return 'stops waiting';
	return isRemote ? 'stops before the batch is sent' : 'stops and rolls back';
}

/** A server applies a batch that was sent to it, or rolls it back. Nothing can stop it. */
function stoppingText({isRemote}: RunState): string {
	return isRemote ? 'stopping, unless the batch was already sent …' : 'stopping, then everything is rolled back …';
}

/** Returns the lines about everything before the first step. */
export function preparationLines({preflight, backup, notices, start}: RunState): readonly Line[] {
	const free = preflight?.bytesFree == null ? '' : `; ${bytes(preflight.bytesFree)} free`;
	return [
		...(start?.dryRun ? [line('  ', span('! ', 'notice'), 'dry run on a private copy; the database is not changed')] : []),
		...notices.map((notice) => prose(4, '  ', span('! ', 'notice'), notice)),
		...(preflight === undefined ? [] : foundLines(preflight.findings, free, start?.dryRun === true)),
		...(backup === undefined ? [] : [backupLine(backup)]),
	];
}

function foundLines(findings: readonly Finding[], free: string, isDryRun: boolean): readonly Line[] {
	if (findings.length === 0) return [prose(4, '  ', span('✔ ', 'done'), `nothing breaks: no NULLs, duplicates or orphans in the way${free}`)];
	const losses = findings.filter(({destructive}) => destructive);
	if (losses.length === 0) return [prose(4, '  ', span('! ', 'notice'), `${plural(findings.length, 'finding')}, none of which stops the run${free}`)];
	return [
		line('  ', span('▲ ', 'danger'), isDryRun ? 'this would lose data:' : 'this loses data, as you confirmed:'),
		...losses.map((finding) => prefixed(span('    '), ruled(findingSentence(finding)))),
	];
}

function backupLine(backup: NonNullable<RunState['backup']>): Line {
	if (backup.state === 'done')
		return prose(
			4,
			'  ',
			span('✔ ', 'done'),
			`backup ${backup.path}   `,
			span(together(`${bytes(backup.bytes)}, ${duration(backup.durationMs)}`), 'quiet'),
		);
	const share = backup.pagesTotal === 0 ? 0 : backup.pagesDone / backup.pagesTotal;
	return line('  ', span('… ', 'quiet'), `backup ${backup.path}   ${percent(share)}`);
}

export function finishedLines({finished}: RunState, look: Look): readonly Line[] {
	const width = Math.max(0, ...finished.map(({name}) => widthOf(name)));
	return finished.map(({name, durationMs, summary}) => {
		const spent = duration(durationMs);
		return look.columns < narrow
			? prose(4, '  ', span('✔ ', 'done'), `${name}  `, span(spent, 'quiet'))
			: prose(4, '  ', span('✔ ', 'done'), `${name}${' '.repeat(width - widthOf(name))}`, `   ${spent.padStart(7)}   `, span(summary, 'quiet'));
	});
}

function activityLines(state: RunState, now: number, look: Look): readonly Line[] {
	if (state.lock !== undefined) return lockLines(state.lock, now, look);
	return state.current === undefined ? waitingLines(state, now, look) : currentLines(state.current, state.showsReason, now, look);
}

function waitingLines(state: RunState, now: number, look: Look): readonly Line[] {
	if (state.end !== undefined) return [];
	const elapsed = Math.floor((now - state.changedAt) / 1000);
	const time = elapsed < secondsUntilTimeIsShown ? '' : `   ${duration(elapsed * 1000)}`;
	return [line('  ', spinner(now, look.isAscii), ' ', span(`${activityOf(state)}${time}`, 'quiet'))];
}

/** Returns what a run does between its steps. */
function activityOf({start, preflight, backup, finished}: RunState): string {
	if (start === undefined || preflight === undefined) return 'checking the rows';
	if (backup !== undefined && backup.state !== 'done') return 'taking the backup';
	if (finished.length < start.migrations.length) return 'working';
	return start.dryRun ? 'finishing' : 'committing';
}

function currentLines({name, steps, step}: CurrentMigration, showsReason: boolean, now: number, look: Look): readonly Line[] {
	const head = prose(
		4,
		'  ',
		spinner(now, look.isAscii),
		' ',
		span(name, 'strong'),
		step === undefined ? '' : span(`   ${together(`step ${step.step} of ${steps}`)}`, 'quiet'),
	);
	if (step === undefined) return [head];
	const what = prose(4, '    ', `${step.object}: ${step.summary}`, step.rows === null ? '' : span(`, ${plural(step.rows, 'row')}`, 'quiet'));
	const why = showsReason ? [prose(6, '    ', span(`why: ${step.reason}`, 'quiet'))] : [];
	const isBrief = step.progress === undefined || now - step.startedAt < msUntilBarIsShown;
	return [head, what, ...why, ...(isBrief ? [] : [progressLine(step, now, look)])];
}

const doing = {copy: 'copying', index: 'building an index', scan: 'reading'} as const;

/** Returns the progress of a step. Copies are counted. SQLite builds an index or scans rows in one statement, whose progress can only be estimated. */
function progressLine(step: RunningStep, now: number, look: Look): Line {
	const {done, total, elapsedMs, phase, expectedMs} = step.progress!;
	if (phase === 'index' && expectedMs !== undefined && done < total) return estimatedLine(step, expectedMs, now, look);
	if (phase !== 'copy') return silentLine(step, now);
	const share = total <= 0 ? 0 : Math.min(1, done / total);
	const rate = elapsedMs <= 0 ? 0 : done / (elapsedMs / 1000);
	const left = rate <= 0 || done >= total ? '' : `   ${duration(((total - done) / rate) * 1000)} left`;
	const all = short(total);
	return barLine(
		share,
		[
			{text: spans(`  ${percent(share).padStart(4)}`), room: 7},
			{text: spans(span(`   ${short(done).padStart(4)} of ${all} rows`, 'quiet')), room: 17 + all.length},
			{text: spans(rate <= 0 ? '' : span(`   ${short(rate).padStart(4)} rows/s`, 'quiet')), room: 15},
			{text: spans(span(left, 'quiet')), room: 17},
		],
		`${doing[phase]}: ${percent(share)}, ${count(done)} of ${count(total)} rows${left}`,
		look,
	);
}

/** Returns the line of an index whose build can only be estimated. */
function estimatedLine({progress, phaseStartedAt}: RunningStep, expectedMs: number, now: number, look: Look): Line {
	const elapsed = Math.max(0, now - phaseStartedAt);
	const share = estimatedShare(elapsed, expectedMs);
	const seconds = Math.ceil((expectedMs - elapsed) / 1000);
	const left = seconds > 0 ? `   about ${duration(seconds * 1000)} left` : '   takes longer than expected';
	const what = progress?.object === undefined ? doing.index : `building ${progress.object}`;
	return barLine(
		share,
		[
			{text: spans(`  ${`~${percent(share)}`.padStart(4)}`), room: 7},
			{text: spans(span(left, 'quiet')), room: 30},
			{text: spans(span(`   ${what}`, 'quiet')), room: 3 + widthOf(what)},
		],
		`${what}: about ${percent(share)}${left}`,
		look,
	);
}

function silentLine({progress, phaseStartedAt}: RunningStep, now: number): Line {
	const {phase, total} = progress!;
	const seconds = Math.max(0, Math.floor((now - phaseStartedAt) / 1000));
	const what = `${doing[phase]}: ${plural(total, 'row')}`;
	return {
		...line('    ', what, seconds === 0 ? '' : span(`   ${duration(seconds * 1000)}`, 'quiet')),
		reading: {role: 'timer', label: what},
	};
}
