import {accessSync, constants, type Dirent, readdirSync, readFileSync, statSync} from 'node:fs';

/** Returns the kind of file at a path, if it can be read. A link to itself, for example, cannot. */
export function typeAt(path: string): 'file' | 'folder' | undefined {
	return ifReadable(() => {
		const stats = statSync(path);
		if (!stats.isFile() && !stats.isDirectory()) return undefined;
		accessSync(path, stats.isFile() ? constants.R_OK : constants.R_OK | constants.X_OK);
		return stats.isFile() ? 'file' : 'folder';
	});
}

/** Returns the text of a file, without a byte order mark. Undefined if there is none that can be read. */
export function readableText(path: string): string | undefined {
	return typeAt(path) === 'file' ? ifReadable(() => readFileSync(path, 'utf8').replace(/^\uFEFF/, '')) : undefined;
}

/** Returns the contents of a folder, including subfolders with `recursive`. Empty if it cannot be read. */
export function entriesIn(folder: string, options: {readonly recursive: boolean}): readonly Dirent[] {
	return ifReadable(() => readdirSync(folder, {...options, withFileTypes: true})) ?? [];
}

function ifReadable<Result>(read: () => Result): Result | undefined {
	try {
		return read();
	} catch (error) {
		if ((error as NodeJS.ErrnoException).syscall !== undefined) return undefined;
		throw error;
	}
}
