import {mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {d1Engine} from '../../../source/core/engines/d1/engine.ts';
import {localD1File} from '../../../source/core/engines/d1/local-file.ts';
import {wranglerDatabase, wranglerMigrationTable} from '../../../source/core/engines/d1/wrangler-config.ts';

let folder: string;

beforeEach(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), 'lite-migr-wrangler-')));
	mkdirSync(join(folder, 'packages/app'), {recursive: true});
});

afterEach(() => rmSync(folder, {recursive: true, force: true}));

const write = (name: string, text: string): string => {
	writeFileSync(join(folder, name), text);
	return join(folder, name);
};

const jsonc = `{
	// The shop.
	"account_id": "acc",
	"d1_databases": [
		{"binding": "DB", "database_name": "shop", "database_id": "id-1", "preview_database_id": "pre-1"},
		{"binding": "LOG", "database_name": "log", "database_id": "id-2",},
		{"binding": "NEW", "database_name": "new"},
	],
	"env": {"staging": {"d1_databases": [{"binding": "DB", "database_name": "shop-staging", "database_id": "id-3"}]}},
}`;

test.each(['shop', 'DB', 'id-1', 'pre-1'])('finds a database by %s in a parent folder', (name) => {
	const file = write('wrangler.jsonc', jsonc);
	expect(wranglerDatabase(name, join(folder, 'packages/app'))).toEqual({
		file,
		binding: 'DB',
		databaseName: 'shop',
		databaseId: 'id-1',
		previewDatabaseId: 'pre-1',
		accountId: 'acc',
	});
});

test('reads wrangler.toml, and prefers wrangler.json', () => {
	const toml = write('wrangler.toml', '[[d1_databases]]\nbinding = "DB"\ndatabase_name = "shop"\ndatabase_id = "toml-id"\n');
	expect(wranglerDatabase('shop', folder)).toEqual({file: toml, binding: 'DB', databaseName: 'shop', databaseId: 'toml-id'});
	write('wrangler.json', '{"d1_databases": [{"binding": "DB", "database_name": "shop", "database_id": "json-id"}]}');
	expect(wranglerDatabase('shop', folder).databaseId).toBe('json-id');
});

test('reads the databases of the environment in CLOUDFLARE_ENV', () => {
	write('wrangler.jsonc', jsonc);
	expect(wranglerDatabase('DB', folder, 'staging').databaseId).toBe('id-3');
	expect(() => wranglerDatabase('shop-staging', folder)).toThrow(
		expect.objectContaining({code: 'config', hint: 'it is in the environment staging: set CLOUDFLARE_ENV=staging'}),
	);
});

test('explains problems of the configuration', () => {
	expect(() => wranglerDatabase('shop', folder)).toThrow(
		expect.objectContaining({code: 'config', message: expect.stringContaining('no configuration of wrangler')}),
	);
	const file = write('wrangler.jsonc', '{"d1_databases": [');
	expect(() => wranglerDatabase('shop', folder)).toThrow(expect.objectContaining({code: 'config', location: {file}}));
	write('wrangler.jsonc', jsonc);
	expect(() => wranglerDatabase('shpo', folder)).toThrow(expect.objectContaining({message: 'no D1 database shpo', hint: 'did you mean shop?'}));
	write('wrangler.jsonc', '{"d1_databases": [{"binding": "A", "database_name": "x"}, {"binding": "x", "database_name": "y"}]}');
	expect(() => wranglerDatabase('x', folder)).toThrow('x is the name of 2 D1 databases');
});

test('says which part of the access to D1 is missing', () => {
	write('wrangler.jsonc', jsonc.replace('"account_id": "acc",', ''));
	const open = (database: string, environment: Readonly<Record<string, string>>) => () => d1Engine({kind: 'd1', database}, {environment, folder});
	expect(open('new', {})).toThrow('new has no database_id');
	expect(open('shop', {})).toThrow('the API token of Cloudflare is missing');
	expect(open('shop', {CLOUDFLARE_API_TOKEN: 'x'})).toThrow('the Cloudflare account is missing');
	expect(open('shop', {CLOUDFLARE_API_TOKEN: 'x', CLOUDFLARE_ACCOUNT_ID: 'a'})().name).toBe('d1 shop');
});

test('finds the local file of wrangler among others, and never takes another one', () => {
	write('wrangler.jsonc', jsonc.replaceAll('pre-1', 'abc-def'));
	const state = join(folder, '.wrangler/state/v3/d1/miniflare-D1DatabaseObject');
	mkdirSync(state, {recursive: true});
	writeFileSync(join(state, `${'0'.repeat(64)}.sqlite`), '');
	expect(() => localD1File('shop', folder)).toThrow(
		expect.objectContaining({code: 'config', hint: expect.stringContaining('wrangler d1 execute shop --local')}),
	);
	// The name that miniflare gave the file of the database abc-def.
	const path = join(state, '093e3a46fe59ee512c643125a5b46684503341c34b1fb4e6c9f924d6e64174ba.sqlite');
	writeFileSync(path, '');
	expect(localD1File('shop', join(folder, 'packages/app'))).toBe(path);
});

test('reads the table of applied migrations, and checks that the folder is the one of lite-migr', () => {
	const table = (more: string, migrationsDir: string) => {
		write('wrangler.toml', `[[d1_databases]]\nbinding = "DB"\ndatabase_name = "shop"\n${more}`);
		return wranglerMigrationTable('shop', folder, join(folder, migrationsDir));
	};
	expect(table('', 'migrations')).toBe('d1_migrations');
	expect(table('migrations_table = "done"\nmigrations_dir = "./drizzle/"\nmigrations_pattern = "drizzle/*.sql"', 'drizzle')).toBe('done');
	expect(() => table('', 'drizzle')).toThrow(
		`wrangler reads migrations from ${join(folder, 'migrations')}, but migrations_dir is ${join(folder, 'drizzle')}`,
	);
	expect(() => table('migrations_pattern = "migrations/*/migration.sql"', 'migrations')).toThrow(
		'lite-migr does not support migrations_pattern: migrations/*/migration.sql',
	);
});
