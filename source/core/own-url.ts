import {existsSync} from 'node:fs';
// biome-ignore lint/style/noRestrictedImports: only the process knows which program it runs.
import {argv} from 'node:process';
import {fileURLToPath, pathToFileURL} from 'node:url';

/**
 * Returns the URL of the file that contains this code: a file of lite-migr, or a bundle of the user's program. Packages that are not part of the
 * bundle are found from there.
 */
export function ownUrl(): string {
	// A bundle in CommonJS has no import.meta.url.
	const url: string = (import.meta.url as string | undefined) ?? pathToFileURL(__filename).href;
	// webpack writes a path on the machine that created the bundle.
	const isMoved = argv[1] !== undefined && !existsSync(fileURLToPath(url));
	return isMoved ? pathToFileURL(argv[1] ?? '').href : url;
}
