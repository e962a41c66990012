import {fileURLToPath} from 'node:url';
import {MigrError} from '../errors.ts';
import {clean} from '../text/clean.ts';

/** The database that `--db` or `db_path` names. */
export type Target =
	| {readonly kind: 'file'; readonly path: string}
	| {readonly kind: 'd1'; readonly database: string}
	| {readonly kind: 'd1-local'; readonly database: string}
	| {readonly kind: 'libsql'; readonly url: string}
	| {readonly kind: 'rqlite'; readonly url: string};

/** The targets on a server. */
export type RemoteTarget = Extract<Target, {readonly kind: 'd1' | 'libsql' | 'rqlite'}>;

const forms = 'use a path, d1:NAME, d1-local:NAME, libsql://HOST, https://HOST or rqlite://HOST:PORT';

/**
 * Reads the value of `--db` (`usage`) or `db_path` (`config`). A relative or absolute path is returned unchanged.
 *
 * @throws MigrError with this code if the value names no database that lite-migr can open. The text never repeats credentials.
 */
export function parseTarget(text: string, code: 'usage' | 'config'): Target {
	const refuse = (problem: string, hint: string): MigrError => new MigrError(code, problem, {hint});
	if (text === '') throw refuse('the name of the database is empty', forms);
	if (text === ':memory:') throw refuse(':memory: would be empty again after the command', 'use a path');
	// One letter is a drive of Windows.
	const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(text)?.[1]?.toLowerCase();
	const rest = text.slice((scheme?.length ?? -1) + 1);
	switch (scheme) {
		case undefined:
			return {kind: 'file', path: text};
		case 'file':
			return {kind: 'file', path: filePath(text, refuse)};
		case 'd1':
		case 'd1-local':
			if (!/^[\w.-]+$/.test(rest))
				throw refuse(`${scheme}: needs the name of a database: ${scheme}:NAME`, "use a name, binding or id from wrangler's configuration");
			return {kind: scheme, database: rest};
		case 'libsql':
		case 'http':
		case 'https':
			return {kind: 'libsql', url: libsqlUrl(address(text, scheme, refuse), refuse)};
		case 'rqlite':
		case 'rqlites':
			return {kind: 'rqlite', url: rqliteUrl(address(text, scheme, refuse), text, refuse)};
		case 'ws':
		case 'wss':
			throw refuse(`${scheme}: addresses are not supported`, `use ${scheme === 'ws' ? 'http' : 'https'}:// with the same host`);
		default:
			throw refuse(`lite-migr cannot open ${clean(scheme)}: databases`, `${forms}; for a file with a colon in its name, write ./ before it`);
	}
}

/** Returns the name of a target for messages: `d1 shop`, `rqlite 127.0.0.1:4001`. */
export function targetName(target: Exclude<Target, {readonly kind: 'file'}>): string {
	if (target.kind === 'd1' || target.kind === 'd1-local') return `${target.kind} ${target.database}`;
	const {host, pathname} = new URL(target.url);
	return `${target.kind} ${host}${pathname === '/' ? '' : clean(pathname)}`;
}

type Refuse = (problem: string, hint: string) => MigrError;

function filePath(text: string, refuse: Refuse): string {
	const rest = text.slice('file:'.length);
	if (/[?#]/.test(rest)) throw refuse('a file: address must not have parameters', 'write only the path');
	if (rest === '' || rest === ':memory:') throw refuse('this file: address names no file', 'write a path after file:');
	try {
		if (rest.startsWith('/')) return fileURLToPath(text);
		return decodeURIComponent(rest);
	} catch (error) {
		throw new MigrError(refuse('', '').code, 'this file: address is not valid', {hint: 'write a path instead', cause: error});
	}
}

/** Reads an address as a URL of HTTP, which the URL parser knows. */
function address(text: string, scheme: string, refuse: Refuse): URL {
	const secure = scheme === 'https' || scheme === 'libsql' || scheme === 'rqlites';
	const at = text.slice(scheme.length + 1);
	if (!at.startsWith('//') || !URL.canParse(`http:${at}`)) throw refuse(`this ${scheme}: address is not valid`, `write ${scheme}://HOST:PORT`);
	const url = new URL(`${secure ? 'https' : 'http'}:${at}`);
	if (url.hash !== '') throw refuse(`the ${scheme}: address must not have a #`, `write ${scheme}://HOST:PORT`);
	return url;
}

function libsqlUrl(url: URL, refuse: Refuse): string {
	if (url.username !== '' || url.password !== '' || url.searchParams.has('authToken')) {
		throw refuse('the address must not contain a token', 'put the token into the environment variable LIBSQL_AUTH_TOKEN');
	}
	if (url.searchParams.get('tls') === '0') url.protocol = 'http:';
	if ([...url.searchParams.keys()].some((name) => name !== 'tls'))
		throw refuse('the address must not have parameters', 'remove everything after the ?');
	url.search = '';
	return url.href;
}

function rqliteUrl(url: URL, text: string, refuse: Refuse): string {
	if (url.username !== '' || url.password !== '') {
		throw refuse('the address must not contain a password', 'put them into the environment variables RQLITE_USER and RQLITE_PASSWORD');
	}
	if (url.search !== '' || url.pathname !== '/') throw refuse('an rqlite: address has only a host and a port', 'write rqlite://HOST:PORT');
	// The text decides, because the parser drops the default port of HTTP.
	if (!/:\d+\/?$/.test(text)) url.port = '4001';
	return url.href;
}
