import {type ErrorCode, MigrError} from '../../errors.ts';

/** A Python file with line breaks as Python sees them: every `\r\n` and `\r` is a `\n`, even inside strings. */
export interface PythonText {
	readonly path: string;
	readonly text: string;
	/** The offset where each line begins. */
	readonly lineStarts: readonly number[];
	/** The code for errors in this file. */
	readonly code: ErrorCode;
}

/** Normalizes a file's text, with or without a byte order mark. */
export function pythonText(path: string, text: string, code: ErrorCode): PythonText {
	// A form feed before a line's code restarts its indentation.
	const normal = text
		.replace(/^\uFEFF/, '')
		.replaceAll(/\r\n?/g, '\n')
		.replaceAll(/^[ \t]*\f/gm, '');
	const lineStarts = [0];
	for (let at = normal.indexOf('\n'); at >= 0; at = normal.indexOf('\n', at + 1)) lineStarts.push(at + 1);
	return {path, text: normal, lineStarts, code};
}

/** Returns the 1-based line and column of an offset. */
export function positionAt({lineStarts}: PythonText, offset: number): {readonly line: number; readonly column: number} {
	let low = 0;
	let high = lineStarts.length - 1;
	while (low < high) {
		const middle = Math.ceil((low + high) / 2);
		if ((lineStarts[middle] ?? 0) <= offset) low = middle;
		else high = middle - 1;
	}

	return {line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1};
}

/** Returns an error in a Python file, located at an offset. */
export function pythonError(file: PythonText, offset: number, message: string, hint?: string): MigrError {
	return new MigrError(file.code, message, {location: {file: file.path, ...positionAt(file, offset)}, hint});
}
