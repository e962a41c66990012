import {type Line, prose, span} from '../page/line.ts';
import type {LinesFor, Stage} from '../stage/stage.ts';

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
