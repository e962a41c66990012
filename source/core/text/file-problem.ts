import {thrownText} from './thrown.ts';

const problems: Readonly<Record<string, string>> = {
	ENOENT: 'there is no such file',
	EISDIR: 'it is a folder',
	ENOTDIR: 'a part of its path is a file, not a folder',
	EEXIST: 'something is there already',
	EACCES: 'no permission',
	EPERM: 'no permission',
	EROFS: 'it is on a read-only file system',
	ENOSPC: 'no space is left on the disk',
	EDQUOT: 'the quota of the disk is used up',
	ELOOP: 'its symbolic links lead in a circle',
	EMFILE: 'too many files are open',
	ENFILE: 'too many files are open',
	EIO: 'the disk reports an error',
	ENAMETOOLONG: 'its name is too long',
};

/** Why a file could not be read or written, in a person's words; what the system says where that is something rare. */
export function fileProblem(error: unknown): string {
	return problems[String((error as {code?: unknown} | undefined)?.code)] ?? thrownText(error);
}
