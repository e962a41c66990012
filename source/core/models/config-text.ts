import {join} from 'node:path';
import {readableText} from './files-in-project.ts';

/** The constants in a configuration file in JavaScript, TypeScript or JSON. It is read as text, and not executed. */
export interface ConfigText {
	/** Returns the first value of a key, if it is a string. */
	stringAt(key: string): string | undefined;
	/** Returns the values of a key that are strings, of all objects. */
	allAt(key: string): readonly string[];
	/** Returns the value of a key, if it is a string or a list of strings. */
	stringsAt(key: string): readonly string[];
}

const literal = String.raw`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\`(?:[^\`\\$]|\\.)*\``;

/** Returns the first of these files in a folder that can be read. */
export function readConfigText(folder: string, names: readonly string[]): ConfigText | undefined {
	for (const name of names) {
		const text = readableText(join(folder, name));
		if (text !== undefined) return configText(withoutComments(text));
	}
	return undefined;
}

function configText(text: string): ConfigText {
	const valuePattern = (key: string, value: string) => new RegExp(`(?<![\\w$])['"]?${key}['"]?\\s*:\\s*${value}`, 'g');
	const allAt = (key: string) => [...text.matchAll(valuePattern(key, `(${literal})`))].map(([, found = '']) => unquoted(found));
	const stringAt = (key: string) => allAt(key)[0];
	return {
		stringAt,
		allAt,
		stringsAt: (key) => {
			const one = stringAt(key);
			if (one !== undefined) return [one];
			const [, list = ''] = valuePattern(key, `\\[\\s*((?:(?:${literal})\\s*(?:,\\s*|(?=\\])))*)\\]`).exec(text) ?? [];
			return [...list.matchAll(new RegExp(literal, 'g'))].map(([found]) => unquoted(found));
		},
	};
}

/** Removes comments, except in strings such as `'https://…'`. */
function withoutComments(text: string): string {
	return text.replace(new RegExp(`(${literal})|//[^\\n]*|/\\*[\\s\\S]*?\\*/`, 'g'), (_found, kept: string | undefined) => kept ?? ' ');
}

/** Returns the value of a literal. A path has no other escape sequences than `\\`. */
function unquoted(text: string): string {
	return text.slice(1, -1).replace(/\\(.)/gs, '$1');
}

/** Returns the path of the database in the key `url`. Undefined if it is computed, for a server, or for a database in memory. */
export function databaseIn(config: ConfigText | undefined): string | undefined {
	const url = config?.stringAt('url');
	if (url === undefined || /^(?!file:)\w{2,}:/.test(url)) return undefined;
	// Parameters after the path, such as `?connection_limit=1`, are only possible in a URL.
	const path = url.startsWith('file:') ? url.slice('file:'.length).replace(/[?#].*$/s, '') : url;
	return path === '' || path.startsWith(':') || /^file:.*[?&]mode=memory/s.test(url) ? undefined : path;
}
