import type {ApplyEvent, BackupEvent, DoneEvent, FailedEvent, ProgressEvent, StepDoneEvent, StepStartEvent} from '../../core/migrations/event.ts';
import {findingLine} from '../../core/migrations/run/consent.ts';
import {waysBack} from '../../core/migrations/ways-back.ts';
import {clean} from '../../core/text/clean.ts';
import {bytes, count, duration, percent, plural, short} from '../../core/text/numbers.ts';
import {type EffectsTextOptions, printEffects} from './effects-text.ts';
import {problemText, shownPath} from './error-text.ts';
import {printFindings} from './findings-text.ts';
import type {Output} from './output.ts';

export interface EventsTextOptions extends EffectsTextOptions {
	/** True to print every step, as a dry run does. */
	readonly showsSteps: boolean;
	/** True if the run has a target, so that some migrations may stay pending. */
	readonly hasTarget?: boolean;
	/** The command of the run, with its target: `lite-migr upgrade --to 0012`. */
	readonly command?: string;
}

const quietMs = 5000;

/** Returns an append-only printer for the events of a run. It prints finished work, and progress every few seconds during a long step or backup. */
export function eventPrinter(output: Output, options: EventsTextOptions): (event: ApplyEvent) => void {
	let step: StepStartEvent | undefined;
	let finished = 'applied';
	let ran: readonly string[] = [];
	let lastSign = 0;
	let hasEffects = false;
	let blocking: readonly string[] = [];
	const signOfLife = (elapsedMs: number, text: () => string) => {
		if (elapsedMs - lastSign < quietMs) return;
		lastSign = elapsedMs;
		output.line(text());
	};
	return (event) => {
		if (event.type === 'start') finished = event.dryRun ? 'tried' : event.direction === 'upgrade' ? 'applied' : 'undone';
		if (event.type === 'stepStart') step = event;
		if (event.type === 'effects') hasEffects = true;
		if (event.type === 'preflight') blocking = event.findings.filter((finding) => finding.blocking).map(findingLine);
		// Their rows and queries are already printed.
		if (event.type === 'failed' && event.code === 'hazard' && blocking.length > 0) {
			return output.problem(failedText({...event, details: event.details.filter((detail) => blocking.includes(detail))}, options.cwd));
		}
		// Effects measured before the run was refused are already printed.
		if (event.type === 'failed' && event.tables !== undefined && !hasEffects) printEffects(event.tables, options, output);
		if (event.type === 'migrationDone') ran = [...ran, event.migration];
		// Migrations that were printed as applied no longer are.
		if (event.type === 'failed' && finished !== 'tried') printRolledBack(ran, event, output);
		if (event.type === 'stepStart' || (event.type === 'backup' && event.state === 'done')) lastSign = 0;
		if (event.type === 'progress' && (event.expectedMs ?? 0) >= quietMs) lastSign = Number.NEGATIVE_INFINITY;
		if (event.type === 'progress') return signOfLife(event.elapsedMs, () => `         ${progressText(event, step)}`);
		if (event.type === 'backup' && event.state === 'progress') return signOfLife(event.durationMs, () => `         ${backupText(event)}`);
		if (event.type !== 'stepDone') return printEvent(event, finished, output, options);
		if (options.showsSteps && step !== undefined) printStep(event, step, output);
	};
}

/** Prints an event that needs no other event. */
function printEvent(event: ApplyEvent, finished: string, output: Output, options: EventsTextOptions): void {
	const notice = output.paint('change', '!');
	switch (event.type) {
		case 'preflight':
			printFindings(event.findings, options.showsSamples, output);
			if (event.bytesFree !== null && event.bytesFree < event.bytesNeeded) {
				output.line(`${notice} up to ${bytes(event.bytesNeeded)} of extra disk space may be needed, but only ${bytes(event.bytesFree)} are free`);
			}
			return;
		case 'backup':
			output.line(
				`backup   ${shownPath(event.path, options.cwd)}   ${output.paint('quiet', `${bytes(event.bytes)}, ${duration(event.durationMs)}`)}`,
			);
			return;
		case 'effects':
			printEffects(event.tables, options, output);
			return;
		case 'migrationDone': {
			const summary = event.summary === '' ? '' : `   ${output.paint('quiet', clean(event.summary))}`;
			output.line(`${finished.padEnd(7)}  ${clean(event.migration)}   ${duration(event.durationMs)}${summary}`);
			return;
		}
		case 'notice':
			output.line(`${notice} ${clean(event.message)}`);
			return;
		case 'done':
			printDone(event, output, options);
			return;
		case 'failed':
			output.problem(failedText(event, options.cwd));
			return;
		default:
			return;
	}
}

function printRolledBack(ran: readonly string[], {committed}: FailedEvent, output: Output): void {
	for (const name of ran.filter((one) => !committed.includes(one))) output.line(`${output.paint('drop', 'rolled back')}  ${clean(name)}`);
}

function printStep({rows, durationMs}: StepDoneEvent, {object, summary, strategy}: StepStartEvent, output: Output): void {
	const cost = [strategy, ...(rows === null ? [] : [plural(rows, 'row')]), duration(durationMs)].join(', ');
	output.line(`         ${clean(object)}: ${clean(summary)}   ${output.paint('quiet', cost)}`);
}

function backupText({pagesDone, pagesTotal}: BackupEvent): string {
	return `backup: ${count(pagesDone)} of ${count(pagesTotal)} pages${pagesTotal > 0 ? ` (${percent(pagesDone / pagesTotal)})` : ''}`;
}

const silentPhases = {
	index: {going: 'building an index', over: 'built an index'},
	scan: {going: 'reading', over: 'read'},
} as const;

function progressText({phase, done, total, elapsedMs, object: index, expectedMs}: ProgressEvent, step: StepStartEvent | undefined): string {
	const rate = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0;
	const left = rate > 0 && total > done ? `, ${duration(((total - done) * 1000) / rate)} left` : '';
	const share = total > 0 ? ` (${percent(done / total)})` : '';
	const object = step === undefined ? '' : `${clean(step.object)}: `;
	if (expectedMs !== undefined && done < total)
		return `${object}building ${clean(index ?? 'an index')}, ${plural(total, 'row')}, takes about ${duration(expectedMs)}`;
	// One SQLite statement, which reports no progress while it runs.
	if (phase !== 'copy') return `${object}${silentPhases[phase][done < total ? 'going' : 'over']}, ${plural(total, 'row')}`;
	return `${object}${phase}, ${count(done)} of ${count(total)}${share}, ${short(rate)}/s${left}`;
}

function printDone(
	{direction, database, applied, currentMigration: at, undo, undoLimits, plan, durationMs, dryRun}: DoneEvent,
	output: Output,
	{cwd, hasTarget, command = `lite-migr ${direction}`}: EventsTextOptions,
): void {
	const name = shownPath(database, cwd);
	const place = at === null ? 'has no migrations applied' : `is at ${clean(at)}`;
	if (applied.length === 0) {
		const nothing = direction === 'downgrade' ? 'nothing to undo' : hasTarget === true ? 'nothing to apply' : 'nothing is pending';
		output.line(`${nothing}: ${name} ${place}`);
		return;
	}
	if (dryRun) {
		if (plan) {
			output.line(`plan ${plan}`);
			output.line(output.paint('quiet', `  to run exactly this, run ${command} --plan ${plan}`));
		}
		output.line(
			`dry run: ${plural(applied.length, 'migration')} would be ${direction === 'upgrade' ? 'applied' : 'undone'} in about ${duration(durationMs)}; ${name} is untouched`,
		);
		return;
	}
	output.line(`${name} ${place}   ${output.paint('quiet', duration(durationMs))}`);
	for (const [label, way, limits] of waysBack(undo, undoLimits)) {
		output.line(output.paint('quiet', `  ${label.padEnd(7)}  ${clean(way)}${limits ? `   ${clean(limits)}` : ''}`));
	}
}

function failedText(event: FailedEvent, cwd: string): string {
	const problem = event.migration === null ? event.message : `${event.migration} failed: ${event.message}`;
	const backup = event.backup === null ? '' : `\nbackup: ${shownPath(event.backup, cwd)}`;
	return problemText({...event, message: problem}, {cwd, state: `${event.state}${backup}`});
}
