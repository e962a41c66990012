#!/usr/bin/env node
import type {ExitCode} from './source/commands/line/exit-code.ts';
import type {ScreenRequest, Surroundings} from './source/commands/line/run.ts';

const exitCodeOfInterrupt: ExitCode = 130;

// Everything else is imported behind this check: better-sqlite3 crashes on an older Node instead of saying so.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 18)) {
	// Not awaited: where a migration waits for something that never comes, Node would print the source of this file.
	void main();
} else {
	process.stderr.write(
		`lite-migr needs Node 22.18 or newer, and this is Node ${process.versions.node}\n  install a newer one from https://nodejs.org and run it again\n`,
	);
	process.exitCode = 2;
}

async function main(): Promise<void> {
	const {enableCompileCache} = await import('node:module');
	enableCompileCache();
	const {quietNodeWarnings, requireReader, run, takeStdout, version} = await import('./source/commands/line/program.ts');
	quietNodeWarnings(process);
	const {stdout, stderr} = process;
	const writeOut = takeStdout(process.argv.slice(2), process);
	for (const stream of [stdout, stderr]) stream.on('error', requireReader);
	let isDone = false;
	let tellEnd: Parameters<Surroundings['onSuddenEnd']>[0] = () => {};
	let uncaught: {readonly error: unknown} | undefined;
	process.on('uncaughtException', (error) => {
		uncaught = {error};
		process.exit(1);
	});
	process.on('exit', (code) => {
		if (isDone || code === exitCodeOfInterrupt) return;
		process.exitCode = 1;
		tellEnd(uncaught);
	});
	const code = await run(process.argv.slice(2), {
		cwd: process.cwd(),
		env: process.env,
		platform: process.platform,
		version,
		// Asked for only where it matters: making the stream takes some milliseconds.
		stdinIsTerminal: () => process.stdin.isTTY === true,
		stdoutIsTerminal: stdout.isTTY === true,
		writeOut: (text) => writeOut(text),
		writeProblem: (text) => stderr.write(text),
		interrupts: takeInterrupts,
		onSuddenEnd: (tell) => {
			tellEnd = tell;
		},
		openScreens,
	});
	isDone = true;
	// A model may have left something open that would keep the process alive.
	await Promise.all([written(stdout, writeOut), written(stderr, stderr.write.bind(stderr))]);
	process.exit(code);
}

/** Ink and React are loaded here, and nowhere else. */
async function openScreens(request: ScreenRequest): Promise<ExitCode> {
	const [{runUi}, {screenOptions}, {wantsColor}] = await Promise.all([
		import('./source/ui/run-ui.tsx'),
		import('./source/commands/line/screen-options.ts'),
		import('./source/commands/line/program.ts'),
	]);
	const hasColor = wantsColor({stdoutIsTerminal: true, env: process.env}, request.flags.noColor);
	return (await runUi({...(await screenOptions(request)), hasColor, signal: takeInterrupts(), endAtOnce})) as ExitCode;
}

/** As Ctrl-C does where nobody listens, and with its exit code: process.exit would wait for a thread whose statement takes hours. */
function endAtOnce(): void {
	process.removeAllListeners('SIGINT');
	process.kill(process.pid, 'SIGINT');
}

/** From now on the first Ctrl-C or SIGTERM aborts the signal, and the second ends the process: what is not committed is rolled back by SQLite. */
function takeInterrupts(): AbortSignal {
	const controller = new AbortController();
	for (const name of ['SIGINT', 'SIGTERM'] as const) {
		process.on(name, () => {
			if (controller.signal.aborted) process.exit(exitCodeOfInterrupt);
			controller.abort();
		});
	}
	return controller.signal;
}

function written(stream: NodeJS.WriteStream, write: NodeJS.WriteStream['write']): Promise<void> {
	return new Promise((resolve) => {
		if (stream.writable) write('', () => resolve());
		else resolve();
	});
}
