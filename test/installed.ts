import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

interface Lock {
	readonly packages: Readonly<Record<string, {readonly version?: string; readonly optional?: boolean}>>;
}

/** True if a folder's `node_modules` has the packages of its `package-lock.json`. Optional ones can be for other platforms. */
export function isInstalled(folder: string): boolean {
	const lock = read<Lock>(join(folder, 'package-lock.json'));
	return Object.entries(lock.packages).every(([path, {version, optional}]) => {
		if (path === '' || optional === true) return true;
		const file = join(folder, path, 'package.json');
		return existsSync(file) && read<{readonly version?: string}>(file).version === version;
	});
}

function read<Content>(file: string): Content {
	return JSON.parse(readFileSync(file, 'utf8')) as Content;
}
