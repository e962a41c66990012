import {thrownText} from './thrown.ts';

const problems: Readonly<Record<string, string>> = {
	ENOENT: 'no such file',
	EISDIR: 'it is a folder',
	ENOTDIR: 'part of its path is a file, not a folder',
	EEXIST: 'it already exists',
	EACCES: 'no permission',
	EPERM: 'no permission',
	EROFS: 'it is on a read-only file system',
	ENOSPC: 'no space left on the disk',
	EDQUOT: 'the disk quota is used up',
	ELOOP: 'its symbolic links form a loop',
	EMFILE: 'too many files are open',
	ENFILE: 'too many files are open',
	EIO: 'the disk reports an error',
	ENAMETOOLONG: 'its name is too long',
};

/** Describes why a file could not be read or written. Returns the system's own message if the problem is rare. */
export function fileProblem(error: unknown): string {
	return problems[String((error as {code?: unknown} | undefined)?.code)] ?? thrownText(error);
}
