import {chmodSync, mkdirSync, readFileSync, statfsSync} from 'node:fs';
import {join} from 'node:path';

/** More than twice of what all tests need at the same time. */
const bytesNeeded = 2e9;

/**
 * Returns a folder for temporary files in memory. Undefined if the system has none that is large enough and can contain programs, as in most
 * containers.
 *
 * A disk confirms each commit, and the tests have thousands of databases that exist for a moment. What a killed process has written stays in both.
 */
export function memoryFolder(): string | undefined {
	if (process.platform !== 'linux') return undefined;
	const [, mount, , options = ''] = /^(\S+) (\/dev\/shm) (tmpfs) (\S+)/m.exec(readFileSync('/proc/mounts', 'utf8'))?.slice(1) ?? [];
	if (mount === undefined || options.split(',').includes('noexec')) return undefined;
	const {bavail, bsize} = statfsSync(mount);
	if (bavail * bsize < bytesNeeded) return undefined;
	const folder = join(mount, 'lite-migr-tests');
	mkdirSync(folder, {recursive: true});
	// Some tests run as another user.
	chmodSync(folder, 0o1777);
	return folder;
}
