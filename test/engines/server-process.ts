import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {setTimeout as delay} from 'node:timers/promises';

export interface ServerProcess {
	readonly output: () => string;
	/** Ends the process and its children immediately, like a crash. */
	kill(): Promise<void>;
}

/** Starts a server in its own process group, and waits until `isReady`. */
export async function startServer(command: string, given: readonly string[], isReady: () => Promise<boolean>): Promise<ServerProcess> {
	const child = spawn(command, given, {detached: true, stdio: ['ignore', 'pipe', 'pipe']});
	let output = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
	const server: ServerProcess = {output: () => output, kill: () => killGroup(child)};
	for (let attempt = 0; attempt < 300; attempt += 1) {
		if (child.exitCode !== null) break;
		if (await isReady().catch(() => false)) return server;
		await delay(100);
	}
	await server.kill();
	throw new Error(`${command} did not start:\n${output}`);
}

async function killGroup(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
	const exited = once(child, 'exit');
	process.kill(-child.pid, 'SIGKILL');
	await exited;
}
