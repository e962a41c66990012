import {resolve} from 'node:path';
import {pathToFileURL} from 'node:url';

/** A part of a text. With a target, it is a link. */
export interface LinkedPart {
	readonly text: string;
	readonly target?: string;
}

/** Splits a text into links and other parts. */
export type FindLinks = (text: string) => readonly LinkedPart[];

export interface LinkOptions {
	/** The folder of relative paths. */
	readonly cwd: string;
	/** The name of this machine. A terminal on another one then knows that it cannot open the file. */
	readonly host: string;
	/** True if a file or folder exists. A path that does not exist is not a link. */
	readonly exists: (path: string) => boolean;
}

/** A URL, or a path that ends in a slash or in an ending of the files that lite-migr reads and writes. */
const candidate =
	/\bhttps?:\/\/[^\s\u0000-\u0020\u007f-\u009f"'`<>()[\]{}]+[^\s\u0000-\u0020\u007f-\u009f"'`<>()[\]{}.,:;!?]|(?:[A-Za-z]:)?[^\s\u0000-\u0020\u007f-\u009f"'`<>()[\]{}:;,=│]+(?:[/\\](?=$|[\s,;:)])|\.(?:[cm]?[jt]s|sql|py|prisma|toml|db|sqlite3?|jsonc?)(?![\w/\\-]|\.\w))/g;

/** Longer texts are values or SQL. The search takes quadratic time in the length of a word. */
const maxLength = 1000;

/** Returns a function that finds the URLs and existing paths in a text. It remembers which paths exist. */
export function linkFinder({cwd, host, exists}: LinkOptions): FindLinks {
	const known = new Map<string, string | undefined>();
	const fileTarget = (path: string): string | undefined => {
		if (!known.has(path)) {
			const absolute = resolve(cwd, path);
			known.set(path, exists(absolute) ? fileUrl(absolute, host) : undefined);
		}
		return known.get(path);
	};
	return (text) => {
		if (text.length > maxLength || !/[./\\]/.test(text)) return [{text}];
		const parts: LinkedPart[] = [];
		let end = 0;
		for (const {0: found, index} of text.matchAll(candidate)) {
			const target = /^https?:/.test(found) ? safeUrl(found) : fileTarget(found);
			if (target === undefined) continue;
			if (index > end) parts.push({text: text.slice(end, index)});
			parts.push({text: found, target});
			end = index + found.length;
		}
		if (end < text.length) parts.push({text: text.slice(end)});
		return parts;
	};
}

/** Returns `file://host/path`. Control characters and spaces are escaped. */
function fileUrl(path: string, host: string): string {
	const {pathname} = pathToFileURL(path);
	return `file://${/^[\w.-]+$/.test(host) ? host : ''}${pathname}`;
}

function safeUrl(text: string): string | undefined {
	return URL.canParse(text) ? printable(new URL(text).href) : undefined;
}

function printable(url: string): string | undefined {
	return /^[!-~]+$/.test(url) ? url : undefined;
}

/**
 * Returns a text as a link for terminals (OSC 8). See https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda.
 *
 * @param id parts of one link that are on several rows have the same id
 */
export function hyperlink({text, target}: LinkedPart, id?: string): string {
	return target === undefined ? text : `\u001b]8;${id === undefined ? '' : `id=${id}`};${target}\u0007${text}\u001b]8;;\u0007`;
}

/** Marks the links in a text that is finished, and may contain colors. */
export function withLinks(text: string, find: FindLinks): string {
	return text
		.split(/(\u001b\[[\d;]*m|\n)/)
		.map((part, index) =>
			index % 2 === 1
				? part
				: find(part)
						.map((each) => hyperlink(each))
						.join(''),
		)
		.join('');
}
