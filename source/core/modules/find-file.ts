import {statSync} from 'node:fs';
import {extname, join} from 'node:path';

const extensions = ['.ts', '.mts', '.tsx', '.js', '.mjs', '.cts', '.cjs', '.jsx', '.json'];

/** The source extensions that an import of compiled JavaScript can refer to. */
const sourcesOf: Readonly<Record<string, readonly string[]>> = {'.js': ['.ts', '.tsx'], '.mjs': ['.mts'], '.cjs': ['.cts'], '.jsx': ['.tsx']};

/**
 * Returns the file that an import of `path` refers to in TypeScript and bundlers: the file itself, `user.ts` for `user.js`, `user.ts` for `user`, or
 * `user/index.ts` for `user`. Undefined if no such file exists.
 */
export function findFile(path: string): string | undefined {
	if (isFile(path)) return path;
	const extension = extname(path);
	const bare = path.slice(0, path.length - extension.length);
	return [
		...(sourcesOf[extension] ?? []).map((source) => bare + source),
		...extensions.map((each) => path + each),
		...extensions.map((each) => join(path, `index${each}`)),
	].find(isFile);
}

function isFile(path: string): boolean {
	return statSync(path, {throwIfNoEntry: false})?.isFile() === true;
}
