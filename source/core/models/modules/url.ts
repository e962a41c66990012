import {fileURLToPath, pathToFileURL} from 'node:url';

/** The address of a module within one load of the models: the query makes Node load it anew each time, and tells the hooks that it is ours. */
export function moduleUrl(file: string, load: number): string {
	return `${pathToFileURL(file).href}?lite-migr=${load}`;
}

/** The load that a module belongs to; undefined for every module that is not part of the models. */
export function loadOf(url: string | undefined): number | undefined {
	const found = url === undefined ? null : /\?lite-migr=(\d+)$/.exec(url);
	return found?.[1] === undefined ? undefined : Number(found[1]);
}

/** A file URL, with or without a query, as a path; a path as it is. */
export function plainPath(url: string): string {
	return url.startsWith('file:') ? fileURLToPath(url.replace(/[?#].*$/, '')) : url;
}
