import {MigrError} from '../../core/errors.ts';
import {type Line, prose, span} from '../page/line.ts';
import {cancelledExitCode, type LinesFor, type Stage} from '../stage/stage.ts';

/** Returns the line that stays on the terminal after the user has left a question, a preview or a confirmation. */
export function cancelledLine(state: string): Line {
	return prose(2, span('○ ', 'quiet'), `cancelled; ${state}`);
}

/** Asks something. Ctrl-C leaves the same lines on the terminal as Escape. */
export async function asking<Result>({stage}: {readonly stage: Stage}, lines: LinesFor, ask: () => Promise<Result>): Promise<Result> {
	const release = stage.onLeave(lines);
	try {
		return await ask();
	} finally {
		release();
	}
}

/**
 * Does work that writes to the database and that Ctrl-C stops: it fails with the code `cancelled` and with the state of the database. A second Ctrl-C
 * leaves without waiting for that. Ctrl-Z does not suspend the process.
 *
 * @param database its name, for the line that stays on the terminal after the second Ctrl-C
 */
export async function stoppable<Result>(
	{stage}: {readonly stage: Stage},
	{what, database}: {readonly what: string; readonly database: string},
	work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
	const abort = new AbortController();
	// A suspended process would keep its lock, and other processes would wait for it.
	let isPauseRefused = false;
	const allowPause = stage.onPause(() => {
		isPauseRefused = true;
	});
	const doing = () => [what, ...(abort.signal.aborted ? ['stopping'] : []), ...(isPauseRefused ? ['ctrl-z is ignored'] : [])].join(', ');
	const release = stage.onInterrupt(() => {
		if (abort.signal.aborted) {
			stage.record(() => [
				prose(2, span('○ ', 'notice'), `quit immediately; uncommitted changes in ${database} are rolled back when it is next opened`),
			]);
			stage.end({code: cancelledExitCode});
		}
		abort.abort();
	});
	try {
		return await stage.busy(doing, work(abort.signal));
	} finally {
		allowPause();
		release();
	}
}

/** Returns the lines that report a stop by `stoppable`. Undefined for any other error. */
export function stoppedLines(error: unknown): LinesFor | undefined {
	if (!(error instanceof MigrError) || error.code !== 'cancelled') return undefined;
	return () => [cancelledLine(error.state ?? 'lite-migr status shows the state of the database')];
}
