import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Socket} from 'node:net';

export interface CuttingProxy {
	readonly port: number;
	close(): Promise<void>;
}

/** Forwards connections to a port. Cuts each of them when the first byte of the answer comes back, so that the answer is lost after the work was done. */
export async function cuttingProxy(to: number): Promise<CuttingProxy> {
	const sockets = new Set<Socket>();
	const server = createServer((client) => {
		const upstream = connect(to, '127.0.0.1');
		for (const socket of [client, upstream]) {
			sockets.add(socket);
			socket.on('error', () => socket.destroy());
			socket.on('close', () => sockets.delete(socket));
		}
		client.pipe(upstream);
		upstream.once('data', () => client.destroy());
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		port: (server.address() as AddressInfo).port,
		async close() {
			const closed = once(server, 'close');
			server.close();
			for (const socket of sockets) socket.destroy();
			await closed;
		},
	};
}
