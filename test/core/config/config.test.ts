import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {findConfig, initialConfig, loadConfig, readConfig} from '../../../source/core/config/config.ts';
import {configSchema, keys} from '../../../source/core/config/keys.ts';
import type {MigrError} from '../../../source/core/errors.ts';

const file = '/project/migrate.toml';

function failure(text: string): Pick<MigrError, 'code' | 'message' | 'hint' | 'location'> {
	try {
		readConfig(text, file);
	} catch (error) {
		const {code, message, hint, location} = error as MigrError;
		return {code, message, hint, location};
	}
	throw new Error('it did not fail');
}

describe('readConfig', () => {
	test('fills in defaults for missing keys', () => {
		expect(readConfig('[migrate]\n', file)).toEqual({
			file,
			dbPath: '/project/app.db',
			migrationsDir: '/project/migrations',
			modelsDir: '/project/models',
			models: ['/project/models'],
			format: 'ts',
			backup: 'auto',
			backupDir: '/project/backups',
			backupKeep: 5,
			ignore: [],
			wait: 10,
			newDatabases: true,
		});
	});

	test.each([
		['"src/db/schema.ts"', '/project/src/db/schema.ts', ['/project/src/db/schema.ts']],
		['"src/**/*.model.ts"', '/project/src', ['/project/src/**/*.model.ts']],
		['["src/db/*.ts", "legacy.sql"]', '/project/src/db', ['/project/src/db/*.ts', '/project/legacy.sql']],
	])('models_dir = %s is read from several places, and written to one folder', (value, modelsDir, models) => {
		expect(readConfig(`[migrate]\nmodels_dir = ${value}\n`, file)).toMatchObject({modelsDir, models});
	});

	test.each(['[]', '[""]', '3', '["a", 1]'])('models_dir = %s is an error', (value) => {
		expect(failure(`[migrate]\nmodels_dir = ${value}\n`)).toMatchObject({
			code: 'config',
			message: 'models_dir must be a path in quotes, or a list of paths',
		});
	});

	test('the JSON Schema has every key, and the same accepted values', () => {
		const {properties} = (configSchema().properties as {migrate: {properties: Record<string, {enum?: readonly string[]}>}}).migrate;
		expect(Object.keys(properties)).toEqual(Object.keys(keys));
		for (const [name, {enum: choices = []}] of Object.entries(properties)) {
			for (const choice of choices) expect(keys[name]?.fits(choice)).toBe(true);
		}
	});

	test('reads every key, with paths relative to the file', () => {
		const text = `[migrate]
db_path = "data/shop.db"
migrations_dir = "../m"
models_dir = "/models"
format = "sql"
backup = "never"
backup_dir = "./kept"
backup_keep = 2
ignore = ["legacy_*", "tmp"]
wait = 0.5
new_databases = false
casing = "snake_case"
driver = "node:sqlite"
`;
		expect(readConfig(text, file)).toEqual({
			file,
			dbPath: '/project/data/shop.db',
			migrationsDir: '/m',
			modelsDir: '/models',
			models: ['/models'],
			format: 'sql',
			backup: 'never',
			backupDir: '/project/kept',
			hasOwnBackupDir: true,
			backupKeep: 2,
			ignore: ['legacy_*', 'tmp'],
			wait: 0.5,
			newDatabases: false,
			casing: 'snake_case',
			driver: 'node:sqlite',
		});
	});

	test('keeps backups next to the database, even if it is set by a flag', () => {
		expect(readConfig('[migrate]\ndb_path = "data/shop.db"\n', file).backupDir).toBe('/project/data/backups');
		const given = readConfig('[migrate]\n', file, {db: 'other.db', cwd: '/elsewhere'});
		expect([given.dbPath, given.backupDir]).toEqual(['/elsewhere/other.db', '/elsewhere/backups']);
		expect(readConfig('[migrate]\nbackup_dir = "kept"\n', file, {db: 'other.db', cwd: '/elsewhere'}).backupDir).toBe('/project/kept');
	});

	test('names an unknown key with its line and the nearest known one', () => {
		expect(failure('[migrate]\ndb_path = "x"\n\n# c\ndb_pth = "x"\n')).toEqual({
			code: 'config',
			message: 'unknown key db_pth',
			hint: 'did you mean db_path?',
			location: {file, line: 5},
		});
		expect(failure('[migrate]\ncolour = true\n').hint).toContain('backup_keep');
		expect(failure('[migrate]\nconstructor = true\n').message).toBe('unknown key constructor');
	});

	test('reports an unknown table and a key outside the table', () => {
		expect(failure('[migrat]\n')).toMatchObject({message: 'unknown table [migrat]', hint: 'did you mean [migrate]?', location: {line: 1}});
		expect(failure('db_path = "x"\n')).toMatchObject({hint: 'did you mean db_path in [migrate]?', location: {line: 1}});
		expect(failure('[migrate]\nwait = 1\n[migrate.more]\nx = 1\n')).toMatchObject({message: 'unknown key more', location: {line: 3}});
		expect(failure('')).toMatchObject({message: 'the [migrate] table is missing'});
	});

	test.each([
		['db_path = 3', 'db_path must be a path in quotes'],
		['models_dir = ""', 'models_dir must be a path in quotes, or a list of paths'],
		['format = "py"', 'format must be "ts", "sql" or "wrangler"'],
		['backup = true', 'backup must be "auto", "always" or "never"'],
		['backup_keep = 0', 'backup_keep must be a whole number from 1'],
		['ignore = "a"', 'ignore must be a list of names, such as ["legacy_*"]'],
		['ignore = [1]', 'ignore must be a list of names, such as ["legacy_*"]'],
		['new_databases = "no"', 'new_databases must be true or false'],
		['wait = -1', 'wait must be a number of seconds'],
		['wait = inf', 'wait must be a number of seconds'],
	])('rejects %s', (line, message) => {
		expect(failure(`[migrate]\n${line}\n`)).toMatchObject({code: 'config', message, location: {file, line: 2}});
	});

	test('reports the location of invalid TOML', () => {
		expect(failure('[migrate]\ndb_path = "x\n')).toMatchObject({
			code: 'config',
			message: expect.stringMatching(/^not valid TOML: /),
			location: {file, line: 2},
		});
	});

	test.each([
		['.\\app.db', /^not valid TOML: .*escape/],
		['data\\new.db', 'db_path contains a control character'],
		['C:\\table\\app.db', /./],
	])('says how to write the path %s', (path, message) => {
		const found = failure(`[migrate]\ndb_path = "${path}"\n`);
		expect(found).toMatchObject({
			code: 'config',
			location: {file, line: 2},
			hint: expect.stringContaining('write the path with / or in single quotes'),
		});
		expect(found.message).toMatch(message);
		expect(readConfig(`[migrate]\ndb_path = '${path}'\n`, file).dbPath).toMatch(/app\.db$|new\.db$/);
	});
});

describe('a configuration file', () => {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'lite-migr-config-'));
	});
	afterEach(() => rmSync(folder, {recursive: true}));

	test('is found in a parent folder', () => {
		mkdirSync(join(folder, 'a', 'b'), {recursive: true});
		writeFileSync(join(folder, 'migrate.toml'), '');
		expect(findConfig(join(folder, 'a', 'b'))).toBe(join(folder, 'migrate.toml'));
		expect(findConfig('/')).toBeUndefined();
	});

	test('reports why it cannot be read', () => {
		expect(() => loadConfig(join(folder, 'none.toml'))).toThrow(
			expect.objectContaining({code: 'config', message: 'cannot read the configuration: no such file'}),
		);
		expect(() => loadConfig(folder)).toThrow(expect.objectContaining({message: 'cannot read the configuration: it is a folder'}));
	});

	test('can be read after init writes it', () => {
		expect(initialConfig()).toBe('[migrate]\ndb_path = "./app.db"\nmigrations_dir = "./migrations"\nmodels_dir = "./models"\n');
		writeFileSync(join(folder, 'migrate.toml'), initialConfig({db: 'a "b".db'}));
		expect(loadConfig(join(folder, 'migrate.toml')).dbPath).toBe(join(folder, 'a "b".db'));
	});
});
