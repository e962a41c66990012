import {existsSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {hmac} from '@noble/hashes/hmac.js';
import {sha256} from '@noble/hashes/sha2.js';
import {bytesToHex, concatBytes, utf8ToBytes} from '@noble/hashes/utils.js';
import {MigrError} from '../../errors.ts';
import {clean} from '../../text/clean.ts';
import {wranglerDatabase} from './wrangler-config.ts';

const className = 'miniflare-D1DatabaseObject';

/**
 * Returns the SQLite file where wrangler keeps a D1 database on this machine. It is named after the database in wrangler's configuration, so no other
 * database can be mistaken for it.
 *
 * @throws MigrError `config` if the database is not in the configuration, or wrangler has not created the file yet
 */
export function localD1File(name: string, folder: string, cloudflareEnv?: string): string {
	const {file, binding, databaseId, previewDatabaseId} = wranglerDatabase(name, folder, cloudflareEnv);
	const state = join(dirname(file), '.wrangler', 'state', 'v3', 'd1', className);
	const path = join(state, `${objectId(previewDatabaseId ?? databaseId ?? binding)}.sqlite`);
	if (existsSync(path)) return path;
	throw new MigrError('config', `wrangler has no local database for ${clean(name)} yet`, {
		location: {file: path},
		hint: `run wrangler d1 execute ${clean(name)} --local --command "SELECT 1" to create it`,
	});
}

/** Returns the id of the Durable Object that contains a local D1 database, as miniflare computes it (`durableObjectNamespaceIdFromName`). */
function objectId(name: string): string {
	const key = sha256(utf8ToBytes(className));
	const half = (data: Uint8Array): Uint8Array => hmac(sha256, key, data).subarray(0, 16);
	const first = half(utf8ToBytes(name));
	return bytesToHex(concatBytes(first, half(first)));
}
