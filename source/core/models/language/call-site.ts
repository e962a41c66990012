import {MigrError} from '../../errors.ts';
import type {Source} from '../../schema/schema.ts';

/** The location where a function of the table language was called. It is computed on demand. */
export type CallSite = () => Source | undefined;

/**
 * Records the location of the caller of `callee`. Only one frame is captured, and V8 formats a stack only when it is read, so this takes only a few
 * microseconds per column.
 */
export function callSite(callee: (...args: never[]) => unknown): CallSite {
	const limit = Error.stackTraceLimit;
	const holder: {stack?: string} = {};
	Error.stackTraceLimit = 1;
	Error.captureStackTrace(holder, callee);
	Error.stackTraceLimit = limit;
	return () => sourceInFrame(holder.stack ?? '');
}

/** Returns the file (a path or a file URL, without a query) and line of the first stack frame that has one. */
function sourceInFrame(stack: string): Source | undefined {
	for (const line of stack.split('\n')) {
		const [, frame, row] = /^ +at (?:async )?(.*):(\d+):\d+\)?$/.exec(line) ?? [];
		if (frame !== undefined && !frame.startsWith('node:')) {
			const place = line.endsWith(')') ? frame.slice(frame.indexOf(' (') + 2) : frame;
			return {file: place.startsWith('file:') ? place.replace(/\?.*$/, '') : place, line: Number(row)};
		}
	}
	return undefined;
}

/** Returns an error in a model, with its location. */
export function modelError(message: string, site: CallSite | undefined, hint?: string): MigrError {
	const source = site?.();
	return new MigrError('model', message, {
		hint,
		location: source,
	});
}
