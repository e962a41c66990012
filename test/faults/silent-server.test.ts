import {once} from 'node:events';
import {createServer} from 'node:net';
import {describe, expect, onTestFinished, test} from 'vitest';
import {projectFolder, toml} from '../project-folder.ts';

/** Starts a server that accepts connections and never answers. */
async function silentServer(): Promise<string> {
	const server = createServer((socket) => void socket.on('error', () => {}));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	onTestFinished(() => void server.close());
	return `http://127.0.0.1:${(server.address() as {readonly port: number}).port}`;
}

describe('a server that does not answer', () => {
	test('is named after a few seconds, and a signal ends the command', async () => {
		const url = await silentServer();
		const folder = projectFolder({'migrate.toml': toml});
		folder.migration('20260101_000000_a.sql', '-- upgrade\nCREATE TABLE a (x);\n');
		const stopped = async (...argv: readonly string[]) => {
			let signalled = 0;
			const finished = await folder.builtLiteWith(
				{
					onStart: (child) => {
						child.stderr?.once('data', () => {
							signalled = performance.now();
							child.kill('SIGINT');
						});
					},
				},
				...argv,
				...['--db', url],
			);
			// The server would have two minutes.
			expect(performance.now() - signalled).toBeLessThan(30_000);
			return finished;
		};
		// At once, because each of them waits for seconds.
		const all = await Promise.all([stopped('status'), stopped('upgrade'), stopped('upgrade', '--dry-run'), stopped('upgrade', '--sql')]);
		for (const finished of all)
			expect(finished).toEqual({code: null, stdout: '', stderr: `! waiting for an answer of libsql ${new URL(url).host}\n`});
	});
});
