import {constants, copyFileSync, mkdirSync, rmSync, statSync} from 'node:fs';
import {dirname} from 'node:path';
import {moveToFreeName} from './backup.ts';
import {type BackupFile, newBackupPath} from './backup-files.ts';

/** Moves a damaged database and its journals to the backups. It cannot be opened, so it cannot be overwritten in place. */
export function moveAside(
	{database, folder, now}: {readonly database: string; readonly folder: string; readonly now: Date},
	path: string,
): BackupFile {
	mkdirSync(folder, {recursive: true});
	const {id, path: target} = newBackupPath(database, folder, now, 'damaged');
	move(path, target);
	for (const suffix of ['-journal', '-wal', '-shm'])
		if (statSync(path + suffix, {throwIfNoEntry: false}) !== undefined) move(path + suffix, target + suffix);
	return {id, path: target, bytes: statSync(target).size, takenAt: now.getTime(), before: 'damaged'};
}

/** Moves a file, even to another disk. */
function move(from: string, to: string): void {
	if (statSync(from).dev === statSync(dirname(to)).dev) {
		moveToFreeName(from, to);
		return;
	}
	copyFileSync(from, to, constants.COPYFILE_EXCL);
	rmSync(from);
}
