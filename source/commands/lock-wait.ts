import type {Config} from '../core/config/config.ts';
import type {ServerWait} from '../core/engines/remote-database.ts';
import type {LockWait} from '../core/sqlite/held-lock.ts';
import {waitText} from '../core/sqlite/wait-text.ts';
import {clean} from '../core/text/clean.ts';
import type {Context} from './line/command.ts';
import {shownPath} from './text/error-text.ts';
import type {Output} from './text/output.ts';

/** How a command waits for a lock. */
export interface LockWaiting {
	readonly signal: AbortSignal;
	readonly onWait: (lock: LockWait) => void;
	readonly onWaitEnd: () => void;
	readonly server: ServerWait;
	readonly onBlocked: (lock: LockWait) => void;
}

/**
 * Returns how a command waits for the lock of another process: it says so on stderr, because its result on stdout may be read by a program, and stops
 * for Ctrl-C. Signals are handled only during the wait. At any other time they end the process, even while SQLite executes a statement.
 *
 * @param prefix the name of the database, if the command works on several
 */
export function lockWait({output, onInterrupt}: Pick<Context, 'output' | 'onInterrupt'>, prefix = ''): LockWaiting {
	const stop = new AbortController();
	let release = (): void => {};
	return {
		signal: stop.signal,
		server: serverWait(output),
		onBlocked: (lock) => printWait(lock, output, prefix),
		onWait(lock) {
			if (lock.state === 'waiting') release = onInterrupt(() => stop.abort());
			printWait(lock, output, prefix);
		},
		onWaitEnd: () => release(),
	};
}

/** Returns how a command waits for each of several databases. */
export function fleetLockWait(context: Pick<Context, 'output' | 'onInterrupt' | 'cwd'>): (config: Pick<Config, 'dbPath'>) => LockWaiting {
	return ({dbPath}) => lockWait(context, `${shownPath(dbPath, context.cwd)}: `);
}

/** Says on stderr that the command waits for a lock, or that the wait is over. */
export function printWait(lock: LockWait, output: Output, prefix = ''): void {
	output.problem(`${output.paint('change', '!')} ${clean(`${prefix}${waitText(lock)}`)}`);
}

/** Returns how a command waits for the answer of a server: after a few seconds, it says so on stderr once. */
export function serverWait(output: Output, onBlock?: ServerWait['onBlock']): ServerWait {
	let isSaid = false;
	return {
		onBlock,
		onSlow(name) {
			if (!isSaid) output.problem(`${output.paint('change', '!')} waiting for an answer of ${clean(name)}`);
			isSaid = true;
		},
	};
}
