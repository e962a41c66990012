/**
 * Loaded into the command before it starts (`node --import`). Sends the process a signal at an exact moment, which another process could hit only by
 * chance. `SIGNAL_AT` sets the moment: `event 7 SIGKILL` (when the seventh line of JSON is written), `statement 12 SIGKILL` (when SQLite has executed
 * the twelfth statement), `copy 3 SIGKILL` (when the third portion of pages of a backup or restore has been copied), `file 2 SIGKILL` (when the second
 * file has been written or got its name). Without a signal, it counts the moments and writes their number to the file `COUNT_TO`.
 */
import fs, {writeFileSync} from 'node:fs';
import {createRequire, syncBuiltinESMExports} from 'node:module';

interface Native {
	exec(sql: string): unknown;
	prepare(sql: string): Record<string, unknown>;
	backup(target: string, options: {progress: (info: unknown) => unknown}): unknown;
}

interface NodeSqlite {
	readonly DatabaseSync: {readonly prototype: Omit<Native, 'backup'>};
	backup(db: unknown, target: string, options: {progress: (info: unknown) => unknown}): unknown;
}

const [what = '', number = '0', signal] = (process.env.SIGNAL_AT ?? '').split(' ');
const {COUNT_TO: file = ''} = process.env;
let count = 0;
const write = writeFileSync;

function tick(): void {
	count++;
	if (signal === undefined) write(file, String(count));
	else if (count === Number(number)) process.kill(process.pid, signal);
}

if (what === 'event') {
	// The command writes to a pipe without the stream of `process.stdout`.
	fs.writeSync = new Proxy(fs.writeSync, {
		apply(write, self, parameters: readonly unknown[]) {
			const written = Reflect.apply(write, self, parameters);
			if (parameters[0] === 1) tick();
			return written;
		},
	});
	syncBuiltinESMExports();
} else if (what === 'file') {
	for (const name of ['writeFileSync', 'linkSync'] as const) {
		fs[name] = new Proxy(fs[name] as (...given: readonly unknown[]) => unknown, {
			apply(call, self, parameters: readonly unknown[]) {
				const result = Reflect.apply(call, self, parameters);
				tick();
				return result;
			},
		}) as never;
	}
	syncBuiltinESMExports();
} else if (what !== '') {
	const require = createRequire(import.meta.url);
	const {prototype} = require('better-sqlite3') as {prototype: Native};
	const node = require('node:sqlite') as NodeSqlite;
	// Only one of them runs.
	if (what === 'copy') watchCopies(prototype, node);
	else for (const one of [prototype, node.DatabaseSync.prototype]) watchStatements(one);
}

/** Watches SQLite's backup API, and copies of bytes, which are the only asynchronous writes of the command. */
function watchCopies(prototype: Pick<Native, 'backup'>, node: NodeSqlite): void {
	fs.write = new Proxy(fs.write, {
		apply(write, self, parameters) {
			tick();
			return Reflect.apply(write, self, parameters);
		},
	});
	syncBuiltinESMExports();
	const {backup} = prototype;
	const nodeBackup = node.backup;
	node.backup = (db, target, options) => {
		const progress = (info: unknown) => {
			tick();
			return options.progress(info);
		};
		return nodeBackup(db, target, {...options, progress});
	};
	prototype.backup = function (target, options) {
		const progress = (info: unknown) => {
			tick();
			return options.progress(info);
		};
		return backup.call(this, target, {...options, progress});
	};
}

function watchStatements(prototype: Omit<Native, 'backup'>): void {
	const {exec, prepare} = prototype;
	prototype.exec = function (sql) {
		const result = exec.call(this, sql);
		tick();
		return result;
	};
	prototype.prepare = function (sql) {
		const statement = prepare.call(this, sql);
		const run = statement.run as (...parameters: unknown[]) => unknown;
		statement.run = (...parameters: unknown[]) => {
			const result = run.apply(statement, parameters);
			tick();
			return result;
		};
		return statement;
	};
}
