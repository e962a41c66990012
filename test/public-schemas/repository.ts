import {execFileSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {join} from 'node:path';

/** The files of one commit of a repository. */
export interface RepositoryFiles {
	/** The paths in a folder and its subfolders. */
	list(folder: string): readonly string[];
	read(path: string): string;
}

/**
 * Reads a commit from a clone in `folder`: `owner+name/repo`, `owner/name.git` or `owner/name`. No files are checked out.
 *
 * @throws Error if there is no clone, or it does not have the commit
 */
export function repositoryFiles(folder: string, repository: string, commit: string): RepositoryFiles {
	const places = [join(repository.replace('/', '+'), 'repo'), `${repository}.git`, repository].map((place) => join(folder, place));
	const clone = places.find((place) => existsSync(place));
	if (clone === undefined) throw new Error(`no clone of ${repository} in ${folder}: git clone --bare it to ${places[1]}`);
	const git = (...argv: readonly string[]) => execFileSync('git', ['-C', clone, ...argv], {encoding: 'utf8', maxBuffer: 64 * 1024 * 1024});
	return {
		list: (path) =>
			git('ls-tree', '-r', '--name-only', '-z', commit, `${path.replace(/\/$/, '')}/`)
				.split('\0')
				.filter((name) => name !== ''),
		read: (path) => git('show', `${commit}:${path}`),
	};
}
