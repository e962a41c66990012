import {readFileSync, readlinkSync, statSync} from 'node:fs';
import {basename} from 'node:path';

/**
 * Returns the processes that have a lock on a database file, such as `sqlite3 (process 4711)`. Empty if the system does not report them.
 * Linux lists locks by inode in /proc/locks. A database in WAL mode is locked through its `-shm` file (https://www.sqlite.org/walformat.html#locks).
 * If this process itself has the write lock, a COMMIT is waiting for readers, so the readers are returned (https://www.sqlite.org/lockingv3.html#writing).
 */
export function lockHolders(path: string): readonly string[] {
	try {
		const inodes = [path, `${path}-shm`].map((file) => statSync(file, {throwIfNoEntry: false})?.ino).filter((inode) => inode !== undefined);
		const holders = {READ: new Set<number>(), WRITE: new Set<number>()};
		for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
			// 1: POSIX  ADVISORY  WRITE 4711 fd:00:131077 1073741825 1073741825 (waiting ones have an arrow after the number)
			const fields = line.trim().split(/\s+/);
			const inode = Number(fields[5]?.split(':')[2]);
			if (fields[1] === 'POSIX' && inodes.includes(inode)) holders[fields[3] === 'READ' ? 'READ' : 'WRITE'].add(Number(fields[4]));
		}
		const self = Number(readlinkSync('/proc/self'));
		return [...(holders.WRITE.has(self) ? holders.READ : holders.WRITE)]
			.filter((process) => process > 0 && process !== self)
			.map((process) => `${programOf(process)} (process ${process})`);
	} catch {
		// Not Linux, or /proc is hidden: the message names no processes.
		return [];
	}
}

function programOf(process: number): string {
	try {
		const name = readFileSync(`/proc/${process}/comm`, 'utf8').trim();
		// Node's default name for the main thread of a program: MainThread, and node-MainThread since Node 26.
		return name.endsWith('MainThread') ? basename(readFileSync(`/proc/${process}/cmdline`, 'utf8').split('\0')[0] ?? name) : name;
	} catch {
		return 'a program';
	}
}
