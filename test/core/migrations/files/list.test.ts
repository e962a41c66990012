import {Worker} from 'node:worker_threads';
import {expect, onTestFinished, test} from 'vitest';
import {listMigrations} from '../../../../source/core/migrations/files/list.ts';
import {listWranglerMigrations} from '../../../../source/core/migrations/files/wrangler-folder.ts';
import {projectFolder} from '../../../project-folder.ts';

test.each([
	['a folder', listMigrations],
	['a folder of wrangler', listWranglerMigrations],
])('a file that is removed while %s is read is no migration', async (_, list) => {
	const folder = projectFolder({'migrations/0001_a.sql': 'CREATE TABLE a (x);'});
	const names = Array.from({length: 20}, (_, index) => folder.at(`migrations/${1000 + index}_b.sql`));
	const worker = new Worker(
		`const {workerData, parentPort} = require('node:worker_threads');
		const {rmSync, writeFileSync} = require('node:fs');
		parentPort.postMessage('started');
		for (;;) for (const change of [(name) => writeFileSync(name, 'CREATE TABLE b (x);'), (name) => rmSync(name)]) workerData.forEach(change);`,
		{eval: true, workerData: names},
	);
	onTestFinished(async () => void (await worker.terminate()));
	await new Promise((resolve) => worker.once('message', resolve));
	const counts = new Set<number>();
	for (let times = 0; times < 2000; times++) counts.add(list(folder.migrationsDir).length);
	expect(counts.size).toBeGreaterThan(2);
	expect(list(folder.migrationsDir)[0]?.name).toBe('0001_a');
});
