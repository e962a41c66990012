import {existsSync, writeFileSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';
import {beforeAll, expect, test} from 'vitest';
import {builtBin} from '../cli/built-bin.ts';
import {projectFolder, toml} from '../project-folder.ts';

// Building takes longer than a test may.
beforeAll(() => void builtBin(), 120_000);

test.each([
	['an upgrade', ['--yes']],
	['a dry run', ['--dry-run']],
])('%s that starts while another one works outside a transaction waits for it, and finds nothing to do', async (_, flags) => {
	const project = projectFolder({'migrate.toml': toml});
	project.exec('CREATE TABLE note (id INTEGER PRIMARY KEY)');
	const [inserted, end] = [project.at('inserted'), project.at('end')];
	// The first call is the one on a private copy.
	project.migration(
		'20260101_000000_a',
		`op.run(async ({db}) => {
			db.exec('INSERT INTO note VALUES (1)');
			globalThis.calls = (globalThis.calls ?? 0) + 1;
			if (globalThis.calls === 1) return;
			const {existsSync, writeFileSync} = await import('node:fs');
			writeFileSync(${JSON.stringify(inserted)}, '');
			while (!existsSync(${JSON.stringify(end)})) await new Promise((resolve) => setTimeout(resolve, 10));
		});`,
		undefined,
		'export const transaction = false;',
	);
	const first = project.builtLite('upgrade', '--yes', '--no-backup');
	while (!existsSync(inserted)) await delay(10);
	const second = await project.builtLiteWith(
		{onStart: (child) => child.stdout?.on('data', (text) => String(text).includes('waiting for the lock') && writeFileSync(end, ''))},
		...['upgrade', '--no-backup', '--wait', '60', ...flags],
	);
	writeFileSync(end, '');
	expect(await first).toMatchObject({code: 0, stderr: ''});
	expect(second).toMatchObject({code: 0, stderr: '', stdout: expect.stringContaining('nothing is pending')});
	expect(project.all('SELECT * FROM note')).toEqual([{id: 1}]);
});
