import {existsSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {freeBytes} from '../run/disk-space.ts';
import {type FleetFile, pendingOf} from './report.ts';

/** The backups that go to one disk. */
export interface DiskBackups {
	readonly folder: string;
	readonly count: number;
	readonly size: number;
	readonly free: number | null;
}

/** Returns the backups that a run takes, by disk. */
export function backupsOf(files: readonly FleetFile[]): readonly DiskBackups[] {
	const takers = pendingOf(files).filter(({look}) => look.backupBytes > 0);
	const byFolder = Map.groupBy(takers, ({target}) => existingFolder(target.backupDir));
	const byDisk = Map.groupBy(byFolder, ([folder]) => statSync(folder).dev);
	return [...byDisk.values()].map((folders) => {
		const [[folder = '.'] = []] = folders;
		const all = folders.flatMap(([, group]) => group);
		const size = all.reduce((sum, {look}) => sum + look.backupBytes, 0);
		return {folder, count: all.length, size, free: freeBytes(join(folder, 'x'))};
	});
}

/** Returns the folder, or its nearest parent that exists. */
function existingFolder(folder: string): string {
	return existsSync(folder) || dirname(folder) === folder ? folder : existingFolder(dirname(folder));
}
