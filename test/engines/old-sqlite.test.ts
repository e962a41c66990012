import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import type {SqlJs} from '../laws/check-bundle.ts';
import {localDevices} from '../laws/device.ts';
import {checkOneBundle} from '../laws/one-bundle.ts';

const histories = Number(process.env.LAWS ?? 12);
const seed = Number(process.env.LAWS_SEED ?? (process.env.LAWS === undefined ? 20261130 : Date.now() % 1e9));

/** STRICT is newer, also before WITHOUT ROWID. */
const tooNew = [/near "STRICT": syntax error/, /near ",": syntax error/];

test(
	`a bundle gives the schema and the rows of lite-migr upgrade on SQLite 3.36, in ${histories} generated histories with rows in between`,
	async () => {
		const folder = join(import.meta.dirname, 'node_modules/sql.js-3.36/dist');
		const load = createRequire(import.meta.url)(join(folder, 'sql-wasm.js')) as (options: {readonly wasmBinary: Uint8Array}) => Promise<SqlJs>;
		const sqlJs = await load({wasmBinary: readFileSync(join(folder, 'sql-wasm.wasm'))});
		expect(String(new sqlJs.Database().exec('SELECT sqlite_version()')[0]?.values[0]?.[0])).toMatch(/^3\.36\./);
		const {'sql.js': open} = localDevices(sqlJs);
		if (open === undefined) throw new Error('sql.js');
		const {found} = await checkOneBundle({old: open}, {histories, seed, tooNew});
		if (process.env.LAWS !== undefined) console.info(seed, found);
		expect(found.old?.applied).toBeGreaterThan(histories);
		expect(found.old?.stopped).toBeGreaterThan(histories);
		expect(found.old?.complete).toBeGreaterThan(histories / 4);
	},
	histories * 20_000,
);
