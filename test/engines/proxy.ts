import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Socket} from 'node:net';

export interface Proxy {
	readonly port: number;
	/** Resolves when the first request has been passed on. */
	readonly received: Promise<void>;
	close(): Promise<void>;
}

/**
 * What happens to the connection that sends a guarded script: it is cut before the server has the script or when it has a part of it, when the answer comes
 * back, or never answered. The answer is replaced by one of a gateway: a page, or the status 502. A function is called when the script has been passed on,
 * or before the first script is passed on.
 */
export type ScriptFault =
	| 'cut before'
	| 'cut in the middle'
	| 'cut after'
	| 'no answer'
	| 'page'
	| 'bad gateway'
	| (() => void)
	| {readonly before: () => Promise<void>};

const page = '<html><body>Sign in to the network</body></html>';
const answers: Partial<Record<Extract<ScriptFault, string>, string>> = {
	page: `HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: ${page.length}\r\nconnection: close\r\n\r\n${page}`,
	'bad gateway': 'HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
};

/**
 * Forwards connections to a port.
 *
 * @param cutsAnswers cuts each connection when the first byte of the answer comes back, so that the answer is lost after the work was done
 */
export async function startProxy(to: number, cutsAnswers: boolean, fault?: ScriptFault): Promise<Proxy> {
	const sockets = new Set<Socket>();
	let wasHeld = false;
	const {promise: received, resolve: receive} = Promise.withResolvers<void>();
	const server = createServer((client) => {
		const upstream = connect(to, '127.0.0.1');
		for (const socket of [client, upstream]) {
			sockets.add(socket);
			socket.on('error', () => socket.destroy());
			socket.on('close', () => sockets.delete(socket));
		}
		let sent = '';
		let isScript = false;
		client.on('data', (chunk: Buffer) => {
			if (fault !== undefined && !isScript) {
				sent += chunk.toString('latin1');
				isScript = sent.includes('_lite_migr_guard');
				if (isScript && fault === 'cut before') client.destroy();
				else if (isScript && fault === 'cut in the middle') upstream.write(chunk.subarray(0, chunk.length / 2), () => client.destroy());
				else if (isScript && typeof fault === 'string') {
					upstream.unpipe(client);
					upstream.once('data', () => {
						const answer = answers[fault];
						if (answer !== undefined) client.end(answer);
						else if (fault === 'cut after') client.destroy();
					});
					upstream.resume();
				}
			}
			if (isScript && (fault === 'cut before' || fault === 'cut in the middle')) return;
			if (isScript && typeof fault === 'object' && !wasHeld) {
				wasHeld = true;
				client.pause();
				void fault.before().then(() => {
					upstream.write(chunk);
					client.resume();
				});
				return;
			}
			upstream.write(chunk, () => {
				receive();
				if (isScript && typeof fault === 'function') fault();
			});
		});
		client.on('close', () => upstream.destroy());
		upstream.on('close', () => {
			if (!isScript || fault !== 'no answer') client.destroy();
		});
		if (cutsAnswers) upstream.once('data', () => client.destroy());
		else upstream.pipe(client);
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		port: (server.address() as AddressInfo).port,
		received,
		async close() {
			const closed = once(server, 'close');
			server.close();
			for (const socket of sockets) socket.destroy();
			await closed;
		},
	};
}
