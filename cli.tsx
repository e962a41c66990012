#!/usr/bin/env node
import type {ExitCode} from './source/commands/line/exit-code.ts';
import type {ScreenRequest, Surroundings} from './source/commands/line/run.ts';

const exitCodeOfInterrupt: ExitCode = 130;

// Everything else is imported after this check, because better-sqlite3 crashes on an older Node without a useful error.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 18)) {
	// Not awaited: if a migration awaits a promise that never settles, Node would print the source of this file.
	void main();
} else {
	process.stderr.write(
		`lite-migr requires Node 22.18 or newer, but this is Node ${process.versions.node}\n  install a newer version from https://nodejs.org and run the command again\n`,
	);
	process.exitCode = 2;
}

async function main(): Promise<void> {
	const {enableCompileCache} = await import('node:module');
	// Deno has no compile cache.
	enableCompileCache?.();
	const {ownOutputs, quietNodeWarnings, run, version} = await import('./source/commands/line/program.ts');
	quietNodeWarnings(process);
	const {stdout, stderr} = ownOutputs(process.argv.slice(2), process);
	let isDone = false;
	let reportEnd: Parameters<Surroundings['onSuddenEnd']>[0] = () => {};
	let uncaught: {readonly error: unknown} | undefined;
	process.on('uncaughtException', (error) => {
		uncaught = {error};
		process.exit(1);
	});
	process.on('exit', (code) => {
		// The last output may fail after the command is done.
		if ((isDone && uncaught === undefined) || code === exitCodeOfInterrupt) return;
		process.exitCode = 1;
		reportEnd(uncaught);
	});
	const code = await run(process.argv.slice(2), {
		cwd: process.cwd(),
		env: process.env,
		platform: process.platform,
		version,
		// A function, because creating the stream takes a few milliseconds and few commands need it.
		stdinIsTerminal: () => process.stdin.isTTY === true,
		stdoutIsTerminal: stdout.isTerminal,
		stderrIsTerminal: stderr.isTerminal,
		readInput,
		writeOut: stdout.write,
		writeProblem: stderr.write,
		interrupts: (onSecond) => takeInterrupts(['SIGINT', 'SIGTERM', 'SIGHUP'], onSecond),
		onInterrupt,
		endBySignal,
		isAtTerminal: () => stdout.isTerminal || stderr.isTerminal || process.stdin.isTTY === true,
		onSuddenEnd: (report) => {
			reportEnd = report;
		},
		openScreens,
	});
	isDone = true;
	// A model may have left a handle open that would keep the process alive.
	await Promise.all([stdout.written(), stderr.written()]);
	process.exit(code);
}

async function readInput(): Promise<string> {
	let text = '';
	for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
	return text;
}

/** Opens the terminal UI. Ink and React are loaded only here. */
async function openScreens(request: ScreenRequest): Promise<ExitCode> {
	const [{runUi}, {screenOptions}, {supportsLinks, wantsColor}] = await Promise.all([
		import('./source/ui/run-ui.tsx'),
		import('./source/commands/line/screen-options.ts'),
		import('./source/commands/line/program.ts'),
	]);
	const hasColor = wantsColor({stdoutIsTerminal: true, env: process.env}, request.flags.noColor);
	const hasLinks = supportsLinks({env: process.env, platform: process.platform});
	return (await runUi({...(await screenOptions(request)), hasColor, hasLinks, signal: takeInterrupts(['SIGINT', 'SIGTERM']), endAtOnce})) as ExitCode;
}

/** Ends the process as an unhandled Ctrl-C does, with the same exit code. `process.exit` would wait for a thread whose statement may take hours. */
function endAtOnce(): void {
	process.removeAllListeners('SIGINT');
	process.kill(process.pid, 'SIGINT');
}

/** Ends the process without waiting for its work. */
function quitAtOnce(): void {
	process.stderr.write('lite-migr: quit immediately; uncommitted changes are rolled back when the database is next opened\n');
	process.exit(exitCodeOfInterrupt);
}

/**
 * Removes the handlers of signals, so a signal ends the process. After the returned function is called, they are added again when the event loop turns:
 * a signal between two queries that block it would be lost.
 */
function endBySignal(): () => void {
	for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		for (const listener of process.listeners(name)) {
			process.off(name, listener);
			removedHandlers.push({name, listener});
		}
	}
	return () =>
		void setImmediate(() => {
			for (const {name, listener} of removedHandlers.splice(0)) process.on(name, listener);
		});
}

const removedHandlers: {readonly name: NodeJS.Signals; readonly listener: NodeJS.SignalsListener}[] = [];

/** Calls `handle` for the first signal, and ends the process with the second one, until the returned function is called. */
function onInterrupt(handle: () => void): () => void {
	const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
	let next = handle;
	const listener = (): void => {
		const now = next;
		next = quitAtOnce;
		now();
	};
	for (const name of names) process.on(name, listener);
	return () => {
		for (const name of names) process.off(name, listener);
	};
}

/**
 * Handles these signals: the first one aborts the returned signal. The second one calls `onSecond`. If that is missing, and with the third one, the
 * process ends, and SQLite rolls back uncommitted changes when the database is next opened.
 */
function takeInterrupts(names: readonly NodeJS.Signals[], onSecond?: () => void): AbortSignal {
	const controller = new AbortController();
	let onNext = onSecond;
	const handle = (): void => {
		const next = controller.signal.aborted ? (onNext ?? quitAtOnce) : () => controller.abort();
		if (controller.signal.aborted) onNext = undefined;
		next();
	};
	for (const name of names) process.on(name, handle);
	return controller.signal;
}
