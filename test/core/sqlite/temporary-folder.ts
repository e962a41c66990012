import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach} from 'vitest';

/** Creates a new folder for each test of a file, and removes it after the test. */
export function temporaryFolder(): {readonly path: string; at(name: string): string} {
	let path = '';
	beforeEach(() => {
		path = mkdtempSync(join(tmpdir(), 'lite-migr-'));
	});
	afterEach(() => rmSync(path, {recursive: true, force: true}));
	return {
		get path() {
			return path;
		},
		at: (name) => join(path, name),
	};
}

/** Returns the error that a function or promise throws. */
export async function thrownBy(
	work: () => unknown,
): Promise<{readonly code?: string; readonly message: string; readonly hint?: string; readonly details?: readonly string[]}> {
	try {
		await work();
	} catch (error) {
		return error as Error;
	}
	throw new Error('nothing was thrown');
}
