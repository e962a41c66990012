import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Socket} from 'node:net';

export interface Proxy {
	readonly port: number;
	/** Resolves when the first request has been passed on. */
	readonly received: Promise<void>;
	close(): Promise<void>;
}

/**
 * Forwards connections to a port.
 *
 * @param cutsAnswers cuts each connection when the first byte of the answer comes back, so that the answer is lost after the work was done
 */
export async function startProxy(to: number, cutsAnswers: boolean): Promise<Proxy> {
	const sockets = new Set<Socket>();
	const {promise: received, resolve: receive} = Promise.withResolvers<void>();
	const server = createServer((client) => {
		const upstream = connect(to, '127.0.0.1');
		for (const socket of [client, upstream]) {
			sockets.add(socket);
			socket.on('error', () => socket.destroy());
			socket.on('close', () => sockets.delete(socket));
		}
		client.on('data', (chunk) => upstream.write(chunk, () => receive()));
		client.on('close', () => upstream.destroy());
		upstream.on('close', () => client.destroy());
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
