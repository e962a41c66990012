/**
 * Loaded into the command before it starts (`node --import`). Sends the process a signal at an exact moment, which another process could hit only by
 * chance. `SIGNAL_AT` sets the moment: `event 7 SIGKILL` (when the seventh line of JSON is written), `statement 12 SIGKILL` (when SQLite has executed
 * the twelfth statement), `copy 3 SIGKILL` (when the third portion of pages of a backup or restore has been copied). Without a signal, it counts the
 * moments and writes their number to the file `COUNT_TO`.
 */
import fs, {writeFileSync} from 'node:fs';
import {createRequire, syncBuiltinESMExports} from 'node:module';

interface Native {
	exec(sql: string): unknown;
	prepare(sql: string): Record<string, unknown>;
	backup(target: string, options: {progress: (info: unknown) => unknown}): unknown;
}

const [what = '', number = '0', signal] = (process.env.SIGNAL_AT ?? '').split(' ');
const {COUNT_TO: file = ''} = process.env;
let count = 0;

function tick(): void {
	count++;
	if (signal === undefined) writeFileSync(file, String(count));
	else if (count === Number(number)) process.kill(process.pid, signal);
}

if (what === 'event') {
	const write = process.stdout.write.bind(process.stdout) as (...parameters: unknown[]) => boolean;
	process.stdout.write = ((...parameters: unknown[]) => {
		const isWritten = write(...parameters);
		if (parameters[0] !== '') tick();
		return isWritten;
	}) as typeof process.stdout.write;
} else if (what !== '') {
	const {prototype} = createRequire(import.meta.url)('better-sqlite3') as {prototype: Native};
	if (what === 'copy') watchCopies(prototype);
	else watchStatements(prototype);
}

/** Watches SQLite's backup API, and copies of bytes, which are the only asynchronous writes of the command. */
function watchCopies(prototype: Native): void {
	fs.write = new Proxy(fs.write, {
		apply(write, self, parameters) {
			tick();
			return Reflect.apply(write, self, parameters);
		},
	});
	syncBuiltinESMExports();
	const {backup} = prototype;
	prototype.backup = function (target, options) {
		const progress = (info: unknown) => {
			tick();
			return options.progress(info);
		};
		return backup.call(this, target, {...options, progress});
	};
}

function watchStatements(prototype: Native): void {
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
