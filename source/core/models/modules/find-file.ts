import {statSync} from 'node:fs';
import {extname, join} from 'node:path';

const extensions = ['.ts', '.mts', '.tsx', '.js', '.mjs', '.cts', '.cjs', '.jsx', '.json'];

/** What an import of compiled JavaScript may mean in the source. */
const sourcesOf: Readonly<Record<string, readonly string[]>> = {'.js': ['.ts', '.tsx'], '.mjs': ['.mts'], '.cjs': ['.cts'], '.jsx': ['.tsx']};

/**
 * The file that an import of `path` means, as TypeScript and bundlers read it: the file itself, `user.ts` for `user.js`, `user.ts` for `user`,
 * `user/index.ts` for `user`. Undefined where there is none.
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
