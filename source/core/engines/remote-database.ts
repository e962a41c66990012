import {MessageChannel, receiveMessageOnPort, Worker} from 'node:worker_threads';
import {statementFacts} from '../ddl/statements/statement-facts.ts';
import type {SqlValue} from '../operations/operation.ts';
import {withParameters} from '../plan/statements.ts';
import type {Database, Row} from '../sqlite/database.ts';
import {defaultTimeout, type EngineOptions, type Result} from './engine.ts';
import {readOnly} from './exact.ts';
import {type RemoteTarget, targetName} from './parse-target.ts';
import {errorOf, type RemoteReply, type RemoteRequest, type RemoteStart} from './remote-messages.ts';

/** What to do while a query waits for the answer of the server, which blocks the thread. */
export interface ServerWait {
	/** Called before each query. Calls the returned function when the answer is there. */
	readonly onBlock?: (() => () => void) | undefined;
	/** Called with the name of the database if an answer takes longer than a few seconds. */
	readonly onSlow?: ((name: string) => void) | undefined;
}

export interface RemoteSettings {
	/** From `EngineFeatures`. */
	readonly sqliteVersion?: string;
	/** See `remoteDatabase`. */
	readonly recordsWrites?: boolean;
	readonly wait?: ServerWait | undefined;
}

/** Milliseconds before `onSlow` is called. */
const slowMilliseconds = 3000;

/**
 * Opens a database on a server for the synchronous readers of the core. Another thread sends the queries while this one waits. It only reads:
 * each query is consistent in itself, and beginning or ending a transaction has no effect unless it records writes.
 *
 * All methods throw MigrError like `Engine.query`, and TypeError for a statement that could write.
 *
 * With `recordsWrites`, statements between BEGIN and COMMIT that write are collected, and COMMIT sends them as one atomic batch. Reading shows the state
 * before them.
 */
export function remoteDatabase(
	target: RemoteTarget,
	options: EngineOptions,
	{sqliteVersion = '', recordsWrites = false, wait = {}}: RemoteSettings = {},
): Database {
	const path = targetName(target);
	const replies = new Int32Array(new SharedArrayBuffer(4));
	const {port1: port, port2} = new MessageChannel();
	// A copy, because process.env cannot be passed to a thread.
	const start: RemoteStart = {target, options: {...options, environment: {...options.environment}}, replies};
	const worker = new Worker(workerEntry(), {workerData: {...start, port: port2}, transferList: [port2]});
	worker.unref();
	port.unref();
	let isClosed = false;

	let pending: string[] | undefined;

	function ask(request: RemoteRequest): RemoteReply {
		if (isClosed) throw new TypeError(`${path} is closed`);
		const before = Atomics.load(replies, 0);
		port.postMessage(request);
		if (!hasReply(before)) throw new Error(`the thread that reads ${path} does not answer`);
		const reply = receiveMessageOnPort(port)?.message as RemoteReply | undefined;
		if (reply?.kind === 'problem') throw errorOf(reply.problem);
		if (reply === undefined || reply.kind === 'bug') throw new Error(reply?.text ?? `the thread that reads ${path} sent no reply`);
		return reply;
	}

	/** Blocks this thread until there is a reply. Returns false if there is none for so long that the other thread must have ended. */
	function hasReply(before: number): boolean {
		const longest = ((options.timeout ?? defaultTimeout) + 30) * 6 * 1000;
		const release = wait.onBlock?.();
		try {
			if (Atomics.wait(replies, 0, before, slowMilliseconds) !== 'timed-out') return true;
			wait.onSlow?.(path);
			return Atomics.wait(replies, 0, before, longest) !== 'timed-out';
		} finally {
			release?.();
		}
	}

	function query(sql: string, parameters: readonly SqlValue[]): Result {
		const reply = ask({queries: [{sql: readOnly(sql), parameters}]});
		const [result] = reply.kind === 'results' ? reply.results : [];
		if (result === undefined) throw new Error(`${path} sent no result`);
		return result;
	}

	function perform(sql: string, parameters: readonly SqlValue[]): void {
		const {kind, verb} = statementFacts(sql);
		if (kind !== 'transaction') {
			if (pending === undefined) query(sql, parameters);
			else collect(withParameters({sql, parameters}), kind === 'schema');
		} else if (recordsWrites) endOrBegin(verb);
	}

	/** The history table is created when the first row is written, and not visible to the code that writes the next row. */
	function collect(sql: string, isSchema: boolean): void {
		if (!isSchema || pending?.includes(sql) !== true) pending?.push(sql);
	}

	function endOrBegin(verb: string): void {
		const statements = pending ?? [];
		pending = verb === 'BEGIN' ? [] : undefined;
		if ((verb === 'COMMIT' || verb === 'END') && statements.length > 0) ask({apply: statements});
	}

	const rowsOf = (sql: string, parameters: readonly SqlValue[]): readonly Row[] => {
		const {columns, rows} = query(sql, parameters);
		return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])));
	};

	return {
		path,
		sqliteVersion,
		get inTransaction() {
			return pending !== undefined;
		},
		exec: (sql) => perform(sql, []),
		run(sql, ...parameters) {
			perform(sql, parameters);
			return 0;
		},
		all: (sql, ...parameters) => rowsOf(sql, parameters),
		tuples: (sql, ...parameters) => query(sql, parameters).rows,
		eachTuple: (sql, ...parameters) => query(sql, parameters).rows.values(),
		get: (sql, ...parameters) => rowsOf(sql, parameters)[0],
		iterate: (sql, ...parameters) => rowsOf(sql, parameters).values(),
		value: (sql, ...parameters) => (asksForVersion.test(sql) ? 0 : query(sql, parameters).rows[0]?.[0]),
		explain: (sql, parameters) => query(`EXPLAIN ${sql}`, parameters as readonly SqlValue[]).rows,
		close() {
			isClosed = true;
			port.close();
			void worker.terminate();
		},
	};
}

/** D1 does not report the version of its file. Nothing compares it, because each query is consistent only in itself. */
const asksForVersion = /^PRAGMA (?:data|schema)_version$/;

/** Returns the worker file, next to the bundle or in the sources. */
function workerEntry(): URL {
	const isBundled = import.meta.url.endsWith('.js');
	const file = isBundled ? (import.meta.url.includes('/chunks/') ? '../remote-worker.js' : './remote-worker.js') : './remote-worker.ts';
	// The comment stops webpack from looking for the file.
	return new URL(/* webpackIgnore: true */ file, import.meta.url);
}
