import {parentPort, workerData} from 'node:worker_threads';
import {createMigrationFile} from '../../source/core/migrations/files/create-file.ts';

/** Creates one migration in each folder at the same moment as the other threads. Reports the names of the files that it has created. */
const {folders, threads, gate, name} = workerData as {folders: readonly string[]; threads: number; gate: Int32Array; name: string};

const created = folders.map((directory, round) => {
	Atomics.add(gate, round, 1);
	while (Atomics.load(gate, round) < threads);
	try {
		return createMigrationFile({directory, format: 'sql', text: '-- upgrade\n'}, {name, now: new Date(), seen: []}).name;
	} catch (error) {
		return String(error);
	}
});
parentPort?.postMessage(created);
