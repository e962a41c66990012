import {type ErrorCode, MigrError} from '../errors.ts';
import type {EngineOptions, Query, Result} from './engine.ts';
import type {RemoteTarget} from './parse-target.ts';

/** What the thread of a remote database needs to start. */
export interface RemoteStart {
	readonly target: RemoteTarget;
	readonly options: EngineOptions;
	/** Counts the replies. The caller waits for it to change. */
	readonly replies: Int32Array<SharedArrayBuffer>;
}

/** Queries to read, or statements to apply as one atomic batch. */
export type RemoteRequest = {readonly queries: readonly Query[]} | {readonly apply: readonly string[]};

export type RemoteReply =
	| {readonly kind: 'results'; readonly results: readonly Result[]}
	| {readonly kind: 'applied'}
	| {readonly kind: 'problem'; readonly problem: RemoteProblem}
	| {readonly kind: 'bug'; readonly text: string};

/** A MigrError as data, because an error loses its class when it is sent between threads. */
export interface RemoteProblem {
	readonly code: ErrorCode;
	readonly message: string;
	readonly hint: string | undefined;
	readonly location: MigrError['location'];
	readonly details: readonly string[];
}

export function problemOf({code, message, hint, location, details}: MigrError): RemoteProblem {
	return {code, message, hint, location, details};
}

export function errorOf({code, message, hint, location, details}: RemoteProblem): MigrError {
	return new MigrError(code, message, {...(hint === undefined ? {} : {hint}), ...(location === undefined ? {} : {location}), details});
}
