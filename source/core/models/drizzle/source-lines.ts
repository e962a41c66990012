import {readFileSync} from 'node:fs';
import type {Source} from '../../schema/schema.ts';

/** Finds where in a model file things were written. */
export interface SourceLines {
	/** The line of an export's declaration; undefined for what is exported from elsewhere. */
	declaration(name: string): Source | undefined;
	/** The first line from `after` on that holds this text as a string literal or as a key; `after` itself where there is none. */
	text(text: string, after: Source): Source;
}

/** Reads the file as text: what a module exports does not tell where. */
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
