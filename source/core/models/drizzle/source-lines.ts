import {readFileSync} from 'node:fs';
import type {Source} from '../../schema/schema.ts';

/** Finds the lines of declarations and names in a model file. */
export interface SourceLines {
	/** Returns the line of an export's declaration. Undefined if it is declared in another file. */
	declaration(name: string): Source | undefined;
	/** Returns the first line, starting at `after`, that contains this text as a string literal or a key. Returns `after` if no line does. */
	text(text: string, after: Source): Source;
}

/** Reads the file as text, since the exports of a module do not have locations. */
export function sourceLines(file: string): SourceLines {
	const lines = readFileSync(file, 'utf8').split('\n');
	const from = (test: (line: string) => boolean, start: number): number => lines.findIndex((line, index) => index >= start && test(line));
	return {
		declaration(name) {
			const pattern = new RegExp(`(?:^|[^\\w$.])(?:const|let|var)\\s+${escaped(name)}(?![\\w$])|exports\\.${escaped(name)}\\s*=`);
			const isDefault = /^\s*export\s+default\b/;
			const index = from((line) => (name === 'default' ? isDefault.test(line) : pattern.test(line)), 0);
			return index < 0 ? undefined : {file, line: index + 1};
		},
		text(text, after) {
			const name = escaped(text);
			const pattern = new RegExp(`(['"\`])${name}\\1|(?<![\\w$.])${name}\\s*:`);
			const index = from((line) => pattern.test(line), after.line - 1);
			return index < 0 ? after : {file, line: index + 1};
		},
	};
}

function escaped(name: string): string {
	return name.replace(/[$\\^.*+?()[\]{}|]/g, '\\$&');
}
