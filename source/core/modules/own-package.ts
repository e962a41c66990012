import {existsSync, readFileSync} from 'node:fs';
import {dirname, join, sep} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {ownUrl} from '../own-url.ts';

/**
 * Returns the URL of the running lite-migr, which `import … from 'lite-migr'` uses if the project has not installed it. Undefined if a bundler has
 * copied lite-migr into a program.
 */
export function ownEntry(): string | undefined {
	const {root, entry} = ownPackage();
	return root === undefined ? undefined : pathToFileURL(join(root, entry)).href;
}

/** True for a file of the running lite-migr, but not of the packages installed in it. */
export function isOwn(file: string): boolean {
	const {root} = ownPackage();
	if (root === undefined) return false;
	return (
		file.startsWith(root + sep) &&
		!file
			.slice(root.length + 1)
			.split(sep)
			.includes('node_modules')
	);
}

interface OwnPackage {
	/** The folder of lite-migr. Undefined in a bundle. */
	readonly root: string | undefined;
	readonly entry: string;
}

let own: OwnPackage | undefined;

function ownPackage(): OwnPackage {
	if (own !== undefined) return own;
	const here = fileURLToPath(ownUrl());
	const entry = here.endsWith('.ts') ? 'source/index.ts' : 'dist/index.js';
	let folder = dirname(here);
	while (!isOwnFolder(folder) && dirname(folder) !== folder) folder = dirname(folder);
	own = {root: isOwnFolder(folder) ? folder : undefined, entry};
	return own;
}

function isOwnFolder(folder: string): boolean {
	const manifest = join(folder, 'package.json');
	return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'lite-migr';
}
