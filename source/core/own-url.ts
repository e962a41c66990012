import {pathToFileURL} from 'node:url';

/** The file with this code: one of our own, or a bundle of the user's program. */
export function ownUrl(): string {
	// A bundle in CommonJS has no import.meta.url.
	const url: string | undefined = import.meta.url;
	return url ?? pathToFileURL(__filename).href;
}
