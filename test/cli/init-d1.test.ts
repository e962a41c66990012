import {existsSync} from 'node:fs';
import {expect, test} from 'vitest';
import {projectFolder} from '../project-folder.ts';
import {createLocalD1} from './local-d1.ts';

const wrangler = `{
	// The worker
	"name": "shop",
	"d1_databases": [{"binding": "DB", "database_name": "shop", "database_id": "0000", "migrations_dir": "drizzle"}]
}`;

test('init reports a D1 database of wrangler and how to use it', async () => {
	const project = projectFolder({'wrangler.jsonc': wrangler, 'drizzle/0000_start.sql': 'CREATE TABLE item (id INTEGER PRIMARY KEY);'});
	expect((await project.lite('init')).stdout).toContain(`  wrangler.jsonc has the D1 database shop
  next: to migrate it, set db_path = "d1-local:shop" in migrate.toml
        migrations_dir = "./drizzle"   as in wrangler.jsonc
        format = "wrangler"   to continue the migrations that wrangler applies
`);
});

test.each(['d1-local:shop', 'd1:DB'])('init --db %s continues the migrations that wrangler applies', async (db) => {
	const project = projectFolder({'wrangler.jsonc': wrangler, 'drizzle/0000_start.sql': 'CREATE TABLE item (id INTEGER PRIMARY KEY);'});
	createLocalD1(project, 'shop');
	expect(await project.lite('init', '--db', db)).toMatchObject({code: 0, stderr: ''});
	expect(project.read('migrate.toml')).toBe(
		`[migrate]\ndb_path = "${db}"\nmigrations_dir = "./drizzle"\nmodels_dir = "./models"\nformat = "wrangler"\n`,
	);
});

test('init does not choose the format if wrangler has no migrations, or another folder is used', async () => {
	const empty = projectFolder({'wrangler.toml': '[[d1_databases]]\nbinding = "DB"\n'});
	createLocalD1(empty, 'DB');
	await empty.lite('init', '--db', 'd1-local:DB');
	expect(empty.read('migrate.toml')).toBe('[migrate]\ndb_path = "d1-local:DB"\nmigrations_dir = "./migrations"\nmodels_dir = "./models"\n');
	const other = projectFolder({'wrangler.jsonc': wrangler, 'drizzle/0000_start.sql': 'SELECT 1;'});
	createLocalD1(other, 'shop');
	await other.lite('init', '--db', 'd1-local:shop', '--migrations', 'mine');
	expect(other.read('migrate.toml')).toBe('[migrate]\ndb_path = "d1-local:shop"\nmigrations_dir = "mine"\nmodels_dir = "./models"\n');
});

test.each([
	['drizzle/', './drizzle'],
	['./db/../sql', './sql'],
	['../shared', '../shared'],
	['.', '.'],
	['/srv/shop/sql', '/srv/shop/sql'],
])('the folder %s of wrangler is %s in migrate.toml', async (folder, shown) => {
	const text = JSON.stringify({d1_databases: [{binding: 'DB', migrations_dir: folder}]});
	const project = projectFolder({'wrangler.json': text});
	createLocalD1(project, 'DB');
	expect((await project.lite('init')).stdout).toContain(`migrations_dir = "${shown}"   as in wrangler.json`);
});

test('names in the configuration of wrangler cannot control the terminal', async () => {
	const project = projectFolder({'wrangler.json': JSON.stringify({d1_databases: [{database_name: '\u001b[31mred\n'}]})});
	const {stdout} = await project.lite('init');
	expect(stdout).toContain('has the D1 database');
	expect(stdout).not.toContain('\u001b');
});

test('init ignores a configuration of wrangler that it cannot read, and one without databases', async () => {
	for (const text of ['{"d1_databases": [', '{"name": "shop"}', '{"d1_databases": "none"}']) {
		const project = projectFolder({'wrangler.json': text});
		expect(await project.lite('init')).toMatchObject({code: 0, stderr: '', stdout: expect.not.stringContaining('D1')});
	}
});

test('init writes nothing for a local database that wrangler has not created yet, or that is not in its configuration', async () => {
	const project = projectFolder({'wrangler.jsonc': wrangler});
	expect(await project.lite('init', '--db', 'd1-local:shop')).toMatchObject({
		code: 2,
		stderr: expect.stringContaining('wrangler d1 execute shop --local --command "SELECT 1"'),
	});
	expect(await project.lite('init', '--db', 'd1-local:shopp')).toMatchObject({code: 2, stderr: expect.stringContaining('did you mean shop?')});
	expect(existsSync(project.at('migrate.toml'))).toBe(false);
	expect(existsSync(project.at('migrations'))).toBe(false);
});
