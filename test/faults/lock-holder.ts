import {onTestFinished} from 'vitest';
import {otherProcess} from '../core/sqlite/other-process.ts';

export interface LockHolder {
	/** Rolls back the transaction and ends the process. */
	release(): Promise<void>;
	/** Kills the process while it has the lock. */
	kill(): Promise<void>;
}

/** Starts a process that runs this SQL on a database, such as `BEGIN IMMEDIATE`, and keeps the locks it gets. */
export async function lockHolder(file: string, sql: string): Promise<LockHolder> {
	const {child, ended, says} = otherProcess(
		`import {openDatabase} from 'source/core/sqlite/open.ts';
		const db = openDatabase(process.argv[1]);
		db.exec(process.argv[2]);
		process.on('SIGTERM', () => {
			db.exec('ROLLBACK');
			db.close();
			process.exit(0);
		});
		setInterval(() => {}, 1000);
		console.log('it has the lock');`,
		file,
		sql,
	);
	onTestFinished(() => void child.kill('SIGKILL'));
	await says('it has the lock');
	const end = async (signal: NodeJS.Signals) => {
		child.kill(signal);
		await ended;
	};
	return {release: () => end('SIGTERM'), kill: () => end('SIGKILL')};
}
