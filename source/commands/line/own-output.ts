import {fstatSync, writeSync} from 'node:fs';
import {MigrError} from '../../core/errors.ts';
import {fileProblem} from '../../core/text/file-problem.ts';

type StreamName = 'stdout' | 'stderr';
type Write = (text: string | Uint8Array, done?: () => void) => unknown;

interface Stream {
	readonly isTTY?: boolean;
	readonly writable: boolean;
	write: Write;
	on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/** The process whose output this is. */
export interface OutputHost {
	readonly platform: string;
	readonly stdout: Stream;
	readonly stderr: Stream;
	nextTick(call: () => void): void;
}

/** Where lite-migr itself writes. */
export interface OwnOutput {
	readonly isTerminal: boolean;
	write(text: string): void;
	/** Resolves as soon as everything is written. */
	written(): Promise<void>;
}

/**
 * The number of bytes that any new pipe takes without a reader. More is left to the stream, which never waits: a run must not hold its lock, or miss a
 * signal, until a reader continues.
 */
const roomInPipe = 8192;

/**
 * Returns stdout and stderr. Node loads its code for streams when `process.stdout` is first read, which takes a tenth of a short command. So text for a
 * file, and short text for a pipe, is written without a stream, until code of a model or a migration uses the stream.
 *
 * If lite-migr prints JSON or SQL for another program, stdout is reserved for it: output of models and migrations, including `console.log`, goes to
 * stderr.
 */
export function ownOutputs(argv: readonly string[], host: OutputHost): Readonly<Record<StreamName, OwnOutput>> {
	const isReserved = argv.includes('--json') || argv.includes('--sql');
	return {stdout: ownOutput(host, 'stdout', isReserved ? 'stderr' : undefined), stderr: ownOutput(host, 'stderr')};
}

/** @param instead where the text of other code goes */
function ownOutput(host: OutputHost, name: StreamName, instead?: StreamName): OwnOutput {
	const descriptor = name === 'stdout' ? 1 : 2;
	let stream: Stream | undefined;
	let write: Write | undefined;
	let isClosed = false;
	onFirstUse(host, name, (used) => {
		stream = used;
		write = used.write.bind(used);
		used.on('error', (error) => requireReader(error, used.isTTY === true));
		if (instead !== undefined) used.write = (...given) => host[instead].write(...given);
	});
	const writeToStream: Write = (text, done) => {
		// Reading it for the first time sets `write`.
		stream ??= host[name];
		return write?.(text, done);
	};
	// On Windows, a stream and a descriptor of the same pipe could write in another order.
	const target = host.platform === 'win32' ? 'other' : kindOf(descriptor);
	let room = target === 'pipe' ? roomInPipe : Number.POSITIVE_INFINITY;
	if (target === 'other') stream = host[name];
	return {
		isTerminal: stream?.isTTY === true,
		write(text) {
			if (isClosed) return;
			if (stream !== undefined) {
				writeToStream(text);
				return;
			}
			const bytes = Buffer.from(text);
			room -= bytes.length;
			if (room < 0) {
				writeToStream(bytes);
				return;
			}
			let at = 0;
			try {
				while (at < bytes.length) at += writeSync(descriptor, bytes, at);
			} catch (error) {
				// A pipe that must not block is full. The stream waits for its reader.
				if ((error as NodeJS.ErrnoException).code === 'EAGAIN') writeToStream(bytes.subarray(at));
				else {
					isClosed = true;
					host.nextTick(() => requireReader(error as NodeJS.ErrnoException, false));
				}
			}
		},
		written: () =>
			new Promise((resolve) => {
				if (stream?.writable === true) writeToStream('', () => resolve());
				// An error is reported in the next turn.
				else if (stream !== undefined || isClosed) setImmediate(resolve);
				else resolve();
			}),
	};
}

/** Calls `prepare` with a stream before other code can use it. */
function onFirstUse(host: OutputHost, name: StreamName, prepare: (stream: Stream) => void): void {
	const property = Object.getOwnPropertyDescriptor(host, name);
	if (property?.configurable !== true || property.get === undefined) {
		prepare(host[name]);
		return;
	}
	Object.defineProperty(host, name, {
		...property,
		get() {
			Object.defineProperty(host, name, property);
			const stream = host[name];
			prepare(stream);
			return stream;
		},
	});
}

function kindOf(descriptor: number): 'file' | 'pipe' | 'other' {
	try {
		const stats = fstatSync(descriptor);
		return stats.isFile() ? 'file' : stats.isFIFO() || stats.isSocket() ? 'pipe' : 'other';
	} catch {
		return 'other';
	}
}

/**
 * Handles an error of stdout or stderr. A closed pipe, as in `lite-migr status | head -1`, is not an error: the command continues to its end. Neither is a
 * closed terminal, which SIGHUP reports: an exit now would leave the rollback to the next program.
 *
 * @throws MigrError `files` for any other error
 */
function requireReader(error: NodeJS.ErrnoException, isTerminal: boolean): void {
	if (error.code === 'EPIPE' || (isTerminal && error.code === 'EIO')) return;
	throw new MigrError('files', `cannot write the output: ${fileProblem(error)}`, {cause: error});
}
