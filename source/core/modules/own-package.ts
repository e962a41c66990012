import {existsSync, readFileSync} from 'node:fs';
import {dirname, join, sep} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';

const here = fileURLToPath(import.meta.url);

/** Returns the URL of the running lite-migr, which `import … from 'lite-migr'` uses if the project has not installed it. */
export function ownEntry(): string {
	const root = ownRoot();
	return pathToFileURL(join(root, here.endsWith('.ts') ? 'source/index.ts' : 'dist/index.js')).href;
}

/** True for a file of the running lite-migr, but not of the packages installed in it. */
export function isOwn(file: string): boolean {
	const root = ownRoot() + sep;
	return file.startsWith(root) && !file.slice(root.length).split(sep).includes('node_modules');
}

let root: string | undefined;

function ownRoot(): string {
	for (let folder = dirname(here); root === undefined; folder = dirname(folder)) {
		const manifest = join(folder, 'package.json');
		if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'lite-migr') root = folder;
		else if (dirname(folder) === folder) throw new TypeError(`no package.json of lite-migr above ${here}`);
	}
	return root;
}
