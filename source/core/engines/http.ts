import {Agent, type ClientRequest, request as httpRequest, type IncomingMessage} from 'node:http';
import {request as httpsRequest, Agent as SecureAgent} from 'node:https';
import type {Socket} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
import {thrownText} from '../text/thrown.ts';

export interface HttpRequest {
	readonly method: 'GET' | 'POST';
	readonly url: URL;
	readonly headers: Readonly<Record<string, string>>;
	/** Sent as JSON. */
	readonly body?: unknown;
	/** Seconds to wait for the whole answer. */
	readonly timeout: number;
	/** True if the request may be sent again when its answer is lost, because it only reads. */
	readonly repeatable: boolean;
	/** True for an answer if the server did not start the request and may accept it later. Always true for 429. */
	readonly isBusy?: (answer: Answer) => boolean;
}

export interface Answer {
	readonly kind: 'answer';
	readonly status: number;
	readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
	readonly body: string;
}

/**
 * - `notSent`: no connection, so the server has not seen the request
 * - `lost`: the request was sent, and the connection ended before the answer was complete
 */
export type Exchange = Answer | Unanswered<'notSent'> | Unanswered<'lost'>;

interface Unanswered<Kind extends string> {
	readonly kind: Kind;
	readonly problem: string;
	readonly isTimeout: boolean;
}

/** Sends requests to one server. Connections stay open between requests that only read. */
export interface HttpClient {
	send(request: HttpRequest): Promise<Exchange>;
	close(): void;
}

/** Milliseconds to wait before each new attempt. A busy server gets more time than one that cannot be reached: a cluster elects a leader in seconds. */
const pauses = [100, 400, 1600, 3200];
const attemptsToConnect = 3;
/** The longest time in seconds that a server may ask to wait before the next attempt. */
const longestRetryAfter = 30;

export function httpClient(): HttpClient {
	const agents = {'http:': new Agent({keepAlive: true}), 'https:': new SecureAgent({keepAlive: true})};
	return {
		async send(request) {
			for (let attempt = 0; ; attempt += 1) {
				const exchange = await sendOnce(request, agents);
				const pause = pauses[attempt];
				if (pause === undefined || !mayRepeat(request, exchange, attempt + 1)) return exchange;
				await delay(exchange.kind === 'answer' ? (retryAfter(exchange) ?? pause) : pause);
			}
		},
		close() {
			for (const agent of Object.values(agents)) agent.destroy();
		},
	};
}

function mayRepeat(request: HttpRequest, exchange: Exchange, attempts: number): boolean {
	if (exchange.kind !== 'answer' && exchange.isTimeout) return false;
	if (exchange.kind === 'notSent') return attempts < attemptsToConnect;
	if (exchange.kind === 'lost') return request.repeatable;
	const {status} = exchange;
	return (
		status === 429 ||
		// A gateway also answers with 503 if it has lost the connection to a server that is still running the request.
		(request.repeatable && (status === 502 || status === 503 || status === 504)) ||
		request.isBusy?.(exchange) === true
	);
}

/** Returns milliseconds. Undefined if the server names no time, or a date. */
function retryAfter({headers}: Answer): number | undefined {
	const seconds = Number(headers['retry-after']);
	return headers['retry-after'] !== undefined && Number.isFinite(seconds) ? Math.min(seconds, longestRetryAfter) * 1000 : undefined;
}

function sendOnce(request: HttpRequest, agents: Readonly<Record<string, Agent>>): Promise<Exchange> {
	const {method, url, timeout, repeatable} = request;
	return new Promise((resolve) => {
		let wasSent = false;
		const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
		const headers = {
			...request.headers,
			accept: 'application/json',
			...(body === undefined ? {} : {'content-type': 'application/json', 'content-length': String(body.length)}),
		};
		const secure = url.protocol === 'https:';
		// A request that writes has its own connection: an old one could be closed just when it is sent, and the outcome would be unknown.
		const agent = repeatable ? agents[url.protocol] : false;
		const outgoing: ClientRequest = (secure ? httpsRequest : httpRequest)(url, {method, headers, ...(agent === undefined ? {} : {agent})});
		let isTimeout = false;
		const timer = setTimeout(() => {
			isTimeout = true;
			outgoing.destroy(new Error(`no answer within ${timeout} s`));
		}, timeout * 1000);
		const fail = (error: unknown): void => {
			clearTimeout(timer);
			resolve({kind: wasSent ? 'lost' : 'notSent', problem: connectionProblem(error), isTimeout});
		};
		outgoing.on('socket', (socket: Socket) => {
			if (outgoing.reusedSocket) wasSent = true;
			else
				socket.once(secure ? 'secureConnect' : 'connect', () => {
					wasSent = true;
				});
		});
		outgoing.on('error', fail);
		outgoing.on('response', (incoming: IncomingMessage) => {
			const chunks: Buffer[] = [];
			incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
			incoming.on('error', fail);
			incoming.on('end', () => {
				clearTimeout(timer);
				resolve({kind: 'answer', status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks).toString('utf8')});
			});
		});
		outgoing.end(body);
	});
}

const problems: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'connection refused',
	ENOTFOUND: 'the host name is unknown',
	EAI_AGAIN: 'the host name cannot be looked up now',
	EHOSTUNREACH: 'no route to the host',
	ENETUNREACH: 'the network is unreachable',
	ETIMEDOUT: 'the connection timed out',
	ECONNRESET: 'the connection was closed',
	EPIPE: 'the connection was closed',
	EPROTO: 'the server does not speak TLS here',
};

function connectionProblem(error: unknown): string {
	const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
	return (
		problems[code] ??
		(/CERT|SIGNATURE|ALTNAME|^ERR_TLS/.test(code) ? `the TLS certificate was not accepted: ${thrownText(error)}` : thrownText(error))
	);
}
