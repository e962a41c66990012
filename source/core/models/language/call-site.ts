import {MigrError} from '../../errors.ts';
import type {Source} from '../../schema/schema.ts';

/** Where a function of the language was called; worked out only when it is asked for. */
export type CallSite = () => Source | undefined;

/**
 * Remembers who called `callee`. Only one frame is captured, and V8 writes a stack out only when it is read:
 * a model of a thousand tables pays some microseconds for each column.
 */
export function callSite(callee: (...args: never[]) => unknown): CallSite {
	const limit = Error.stackTraceLimit;
	const holder: {stack?: string} = {};
	Error.stackTraceLimit = 1;
	Error.captureStackTrace(holder, callee);
	Error.stackTraceLimit = limit;
	return () => sourceInFrame(holder.stack ?? '');
}

/** The file (a path or a file URL, without a query) and line of the first stack frame that has one. */
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

/** An error in a model, at the line where the thing was written. */
export function modelError(message: string, site: CallSite | undefined, hint?: string): MigrError {
	const source = site?.();
	return new MigrError('model', message, {
		...(hint === undefined ? {} : {hint}),
		...(source === undefined ? {} : {location: source}),
	});
}
