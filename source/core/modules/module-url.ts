import {fileURLToPath, pathToFileURL} from 'node:url';

/** Returns the URL of a module within one load. The query makes Node reload the module and lets the hooks recognize it. */
export function moduleUrl(file: string, load: {readonly id: number}): string {
	return `${pathToFileURL(file).href}?lite-migr=${load.id}`;
}

/** Returns the number of the load that a module belongs to. Undefined if the module does not belong to any load. */
export function loadOf(url: string | undefined): number | undefined {
	const found = url === undefined ? null : /\?lite-migr=(\d+)$/.exec(url);
	return found?.[1] === undefined ? undefined : Number(found[1]);
}

/** Converts a file URL, with or without a query, to a path. Returns a path unchanged. */
export function plainPath(url: string): string {
	return url.startsWith('file:') ? fileURLToPath(url.replace(/[?#].*$/, '')) : url;
}
