import {mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {makeCopyFolder} from '../../../../source/core/migrations/remote/copy-folder.ts';
import {lockHolder} from '../../../faults/lock-holder.ts';

let folder: string;

beforeEach(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), 'lite-migr-copy-folder-')));
	vi.stubEnv('TMPDIR', folder);
});

afterEach(() => {
	vi.unstubAllEnvs();
	rmSync(folder, {recursive: true, force: true});
});

/** Creates the folder of a run, as a killed process leaves it. */
function leftBehind(name: string): string {
	const path = join(folder, name);
	mkdirSync(join(path, '1'), {recursive: true});
	for (const file of ['lock', '1/shop.db', '1/shop.db-journal']) writeFileSync(join(path, file), '');
	return path;
}

test.skipIf(process.platform === 'win32')(
	'the folder for copies of a server is removed after the run, and those of killed runs before it',
	async () => {
		leftBehind('lite-migr-remote-aaaaaa');
		const active = leftBehind('lite-migr-remote-bbbbbb');
		const elsewhere = leftBehind('not-ours');
		mkdirSync(join(folder, 'lite-migr-remote-without-lock'));
		symlinkSync(elsewhere, join(folder, 'lite-migr-remote-link'));
		const holder = await lockHolder(join(active, 'lock'), 'BEGIN IMMEDIATE');
		const [one, other] = [makeCopyFolder(), makeCopyFolder()];
		const kept = ['lite-migr-remote-bbbbbb', 'lite-migr-remote-link', 'lite-migr-remote-without-lock', 'not-ours'];
		const own = [one, other].map(({path}) => path.slice(folder.length + 1));
		expect(readdirSync(folder).toSorted()).toEqual([...kept, ...own].toSorted());
		expect(readdirSync(join(elsewhere, '1'))).toEqual(['shop.db', 'shop.db-journal']);
		writeFileSync(join(one.path, 'shop.db'), '');
		one.remove();
		other.remove();
		expect(readdirSync(folder).toSorted()).toEqual(kept);
		await holder.release();
		makeCopyFolder().remove();
		expect(readdirSync(folder).toSorted()).toEqual(kept.slice(1));
	},
);
