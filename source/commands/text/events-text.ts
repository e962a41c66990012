import type {ApplyEvent, DoneEvent, FailedEvent, ProgressEvent, StepStartEvent} from '../../core/migrations/event.ts';
import {clean} from '../../core/text/clean.ts';
import {bytes, count, duration, percent, plural, short} from '../../core/text/numbers.ts';
import {problemText, shownPath} from './error-text.ts';
import {printFindings} from './findings-text.ts';
import type {Output} from './output.ts';

export interface EventsTextOptions {
	readonly cwd: string;
	readonly showsSamples: boolean;
	/** Names every step: for a dry run. */
	readonly showsSteps: boolean;
}

const quietMs = 5000;

/** A printer of a run's events, append-only: what is finished, and a sign of life every few seconds of a long step. */
export function eventPrinter(output: Output, options: EventsTextOptions): (event: ApplyEvent) => void {
	let step: StepStartEvent | undefined;
	let lastSign = 0;
	let finished = 'applied';
	return (event) => {
		switch (event.type) {
			case 'start':
				finished = event.dryRun ? 'tried' : event.direction === 'upgrade' ? 'applied' : 'undone';
				return;
			case 'preflight':
				printFindings(event.findings, options.showsSamples, output);
				if (event.bytesFree !== null && event.bytesFree < event.bytesNeeded) {
					output.line(
						`${output.paint('change', '!')} ${bytes(event.bytesNeeded)} may be needed beside the database, and ${bytes(event.bytesFree)} are free`,
					);
				}
				return;
			case 'backup':
				if (event.state === 'done')
					output.line(
						`backup   ${shownPath(event.path, options.cwd)}   ${output.paint('quiet', `${bytes(event.bytes)}, ${duration(event.durationMs)}`)}`,
					);
				return;
			case 'stepStart':
				step = event;
				lastSign = 0;
				return;
			case 'progress':
				if (event.elapsedMs - lastSign < quietMs) return;
				lastSign = event.elapsedMs;
				output.line(`         ${progressText(event, step)}`);
				return;
			case 'stepDone':
				if (options.showsSteps && step !== undefined) {
					const rows = event.rows === null ? '' : `, ${plural(event.rows, 'row')}`;
					output.line(
						`         ${clean(step.object)}: ${clean(step.summary)}   ${output.paint('quiet', `${step.strategy}${rows}, ${duration(event.durationMs)}`)}`,
					);
				}
				return;
			case 'migrationDone':
				output.line(
					`${finished.padEnd(7)}  ${clean(event.migration)}   ${duration(event.durationMs)}${event.summary === '' ? '' : `   ${output.paint('quiet', clean(event.summary))}`}`,
				);
				return;
			case 'notice':
				output.line(`${output.paint('change', '!')} ${clean(event.message)}`);
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
	};
}

function progressText({phase, done, total, elapsedMs}: ProgressEvent, step: StepStartEvent | undefined): string {
	const rate = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0;
	const left = rate > 0 && total > done ? `, ${duration(((total - done) * 1000) / rate)} left` : '';
	const share = total > 0 ? ` (${percent(done / total)})` : '';
	return `${step === undefined ? '' : `${clean(step.object)}: `}${phase}, ${count(done)} of ${count(total)}${share}, ${short(rate)}/s${left}`;
}

function printDone({direction, database, applied, at, undo, durationMs, dryRun}: DoneEvent, output: Output, {cwd}: EventsTextOptions): void {
	const name = shownPath(database, cwd);
	const place = at === null ? 'has no migrations applied' : `is at ${clean(at)}`;
	if (applied.length === 0) {
		output.line(`${direction === 'upgrade' ? 'nothing is pending' : 'nothing to undo'}: ${name} ${place}`);
		return;
	}
	if (dryRun) {
		output.line(
			`dry run: ${plural(applied.length, 'migration')} would be ${direction === 'upgrade' ? 'applied' : 'undone'} in about ${duration(durationMs)}; ${name} is untouched`,
		);
		return;
	}
	output.line(`${name} ${place}   ${output.paint('quiet', duration(durationMs))}`);
	for (const command of undo) output.line(output.paint('quiet', `  ${labelOf(command)}${clean(command)}`));
}

function labelOf(command: string): string {
	return command.includes(' restore ') ? 'restore  ' : 'undo     ';
}

function failedText(event: FailedEvent, cwd: string): string {
	const problem = event.migration === null ? event.message : `${event.migration} failed: ${event.message}`;
	const backup = event.backup === null ? '' : `\nbackup: ${shownPath(event.backup, cwd)}`;
	return problemText({...event, message: problem}, {cwd, state: `${event.state}${backup}`});
}
