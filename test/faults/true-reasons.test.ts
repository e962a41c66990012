import {execFileSync, spawnSync} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {makePrivateCopy} from '../../source/core/migrations/run/private-copy.ts';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {projectServices} from '../../source/ui/engine/project-services.ts';
import {builtBin} from '../cli/built-bin.ts';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';
import {leftovers} from './database-state.ts';

const models = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);\n';
const later = 'migrations/20250102_000000_b.sql';

/** Creates a project with one applied and one pending migration. */
async function started(): Promise<ProjectFolder> {
	const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': models, 'migrations/20250101_000000_a.sql': models});
	expect((await project.lite('upgrade')).code).toBe(0);
	project.write(later, '-- upgrade\nALTER TABLE t ADD COLUMN b TEXT;\n');
	return project;
}

/** Overwrites the page of a table, as a bad disk does. */
function damage(project: ProjectFolder, table: string): void {
	const page = project.database((db) => Number(db.value('SELECT rootpage FROM sqlite_schema WHERE name = ?', table)));
	const file = join(project.path, 'app.db');
	const bytes = readFileSync(file);
	bytes.fill(7, (page - 1) * 4096, page * 4096);
	writeFileSync(file, bytes);
}

const everyCommand = [
	['status'],
	['status', '--json'],
	['check'],
	['diff'],
	['create', 'x'],
	['upgrade'],
	['upgrade', '--json'],
	['upgrade', '--dry-run'],
	['upgrade', '--sql'],
	['downgrade'],
	['baseline', 'x'],
	['squash', 'x'],
] as const;

describe('a database whose history is on a damaged page', () => {
	test('is reported as damaged by every command, and nothing is written', async () => {
		const project = await started();
		damage(project, '_lite_migr');
		const before = readFileSync(join(project.path, 'app.db'));
		for (const argv of everyCommand) {
			const {code, stderr} = await project.lite(...argv);
			expect({argv, code, stderr}).toMatchObject({
				argv,
				code: 1,
				stderr: expect.stringMatching(/^✗ app\.db is damaged\n(?:.*\n)*? {2}restore a backup/),
			});
		}
		expect(readFileSync(join(project.path, 'app.db')).equals(before)).toBe(true);
		expect(project.files('migrations')).toHaveLength(2);
		expect(leftovers(join(project.path, 'app.db'))).toEqual([]);
	});

	test('is reported as damaged in the menu, not as models that cannot be loaded', async () => {
		const project = await started();
		damage(project, '_lite_migr');
		const services = projectServices({cwd: project.path, config: undefined, db: undefined, format: undefined});
		expect((await services.assessment()).models).toMatchObject({kind: 'failed', problem: {code: 'database', message: 'app.db is damaged'}});
	});
});

const unreachable: Readonly<Record<string, {readonly make: (folder: string) => void; readonly message: RegExp}>> = {
	'whose folder is missing': {make: () => {}, message: /the folder data for the database does not exist/},
	'whose folder is a file': {
		make: (folder) => writeFileSync(join(folder, 'data'), 'x'),
		message: /data is a file, not a folder, so the database cannot be created in it/,
	},
	'whose folder is below a file': {
		make: (folder) => {
			writeFileSync(join(folder, 'top'), 'x');
			symlinkSync('top/data', join(folder, 'data'));
		},
		message: /the folder data for the database does not exist/,
	},
	'that is a symbolic link to a missing folder': {
		make: (folder) => {
			mkdirSync(join(folder, 'data'));
			symlinkSync('gone/app.db', join(folder, 'data/app.db'));
		},
		message: /data\/app\.db is a symbolic link to data\/gone\/app\.db, whose folder does not exist/,
	},
};

describe('a database', () => {
	test.skipIf(process.platform === 'win32').each(Object.entries(unreachable))(
		'%s is refused by both the preview and the run',
		async (_name, {make, message}) => {
			const project = await started();
			project.write('migrate.toml', toml.replace('./app.db', './data/app.db'));
			make(project.path);
			const before = execFileSync('find', ['.'], {cwd: project.path, encoding: 'utf8'});
			for (const argv of [['upgrade'], ['upgrade', '--dry-run'], ['upgrade', '--sql'], ['upgrade', '--json']]) {
				expect(await project.lite(...argv)).toMatchObject({code: 1, stderr: expect.stringMatching(message)});
			}
			expect((await project.lite('upgrade')).stderr).toContain('nothing was written: app.db does not exist');
			for (const argv of [['downgrade'], ['downgrade', '--dry-run']]) {
				expect(await project.lite(...argv)).toMatchObject({code: 1, stderr: expect.stringMatching(/^✗ no database at data\/app\.db\n/)});
			}
			expect(await project.lite('status')).toMatchObject({code: 0, stdout: expect.stringMatching(message)});
			const services = projectServices({cwd: project.path, config: undefined, db: undefined, format: undefined});
			await expect(services.preflight({direction: 'upgrade'} as Parameters<typeof services.preflight>[0])).rejects.toThrow(/folder/);
			// Models and migrations can be compared without the database, as in CI.
			expect((await project.lite('check')).code).toBe(4);
			expect(execFileSync('find', ['.'], {cwd: project.path, encoding: 'utf8'})).toBe(before);
		},
	);
});

/** Copies the built command to a separate folder, with `module` as its better-sqlite3. Returns its path. */
function binWith(project: ProjectFolder, module: Readonly<Record<string, string>> | undefined): string {
	const home = join(project.path, 'installed');
	cpSync(dirname(builtBin()), join(home, 'dist'), {recursive: true});
	writeFileSync(join(home, 'package.json'), '{"name": "lite-migr", "type": "module"}');
	for (const [file, text] of Object.entries(module ?? {})) {
		mkdirSync(join(home, 'node_modules/better-sqlite3'), {recursive: true});
		writeFileSync(join(home, 'node_modules/better-sqlite3', file), text);
	}
	return join(home, 'dist/cli.js');
}

const brokenModules: Readonly<Record<string, {readonly module: Readonly<Record<string, string>> | undefined; readonly message: RegExp}>> = {
	'is not installed': {module: undefined, message: /^✗ the package better-sqlite3 is not installed\n(?:.*\n)* {2}run npm install better-sqlite3\n/},
	'has no native part, since install scripts are blocked': {
		module: {'index.js': "module.exports = class { constructor() { throw new Error('Could not locate the bindings file. Tried:\\n → x'); } };"},
		message: /^✗ better-sqlite3 is installed without its native module\n(?:.*\n)* {2}run npm rebuild better-sqlite3/,
	},
	'was built for another Node.js': {
		module: {
			'index.js':
				"module.exports = class { constructor() { throw Object.assign(new Error('The module was compiled against a different Node.js version using\\nNODE_MODULE_VERSION 108.'), {code: 'ERR_DLOPEN_FAILED'}); } };",
		},
		message: /^✗ better-sqlite3 was built for another version of Node\.js or another system\n(?:.*\n)* {2}run npm rebuild better-sqlite3/,
	},
};

test.each(Object.entries(brokenModules))(
	'better-sqlite3 that %s is named as the reason if the configuration requires it, and no empty database is left',
	async (_name, {module, message}) => {
		const project = projectFolder({
			'migrate.toml': `${toml}driver = "better-sqlite3"\n`,
			'models/schema.sql': models,
			'migrations/20250101_000000_a.sql': models,
		});
		const bin = binWith(project, module);
		for (const argv of [['upgrade'], ['check'], ['diff'], ['upgrade', '--dry-run']]) {
			let stderr = '';
			try {
				execFileSync(process.execPath, [bin, ...argv], {
					cwd: project.path,
					encoding: 'utf8',
					stdio: 'pipe',
					// Without the option that hides better-sqlite3.
					env: {...process.env, NODE_OPTIONS: '', LC_ALL: 'C.UTF-8'},
				});
			} catch (error) {
				({stderr} = error as {stderr: string});
			}
			expect(stderr, argv.join(' ')).toMatch(message);
			expect(existsSync(join(project.path, 'app.db'))).toBe(false);
		}
	},
);

test.each(Object.entries(brokenModules))('node:sqlite is used if better-sqlite3 %s', (_name, {module}) => {
	const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': models, 'migrations/20250101_000000_a.sql': models});
	const bin = binWith(project, module);
	const lite = (...argv: readonly string[]) => spawnSync(process.execPath, [bin, ...argv], {cwd: project.path, encoding: 'utf8'});
	expect(lite('upgrade')).toMatchObject({status: 0, stderr: ''});
	expect(lite('status').stdout).toContain(`SQLite ${nodeSqliteVersion()}`);
	expect(lite('check')).toMatchObject({status: 0, stderr: ''});
});

/** Returns the version of SQLite that this Node.js has. */
function nodeSqliteVersion(): string {
	return process.versions.sqlite ?? '';
}

describe('a migration file', () => {
	test.each([
		[
			'that is a broken symbolic link',
			(file: string) => symlinkSync('gone.sql', file),
			/a migration cannot be read: the target of its symbolic link does not exist/,
		],
		[
			'that is not UTF-8',
			(file: string) => writeFileSync(file, Buffer.from("-- upgrade\nINSERT INTO t (a) VALUES ('\xe9');\n", 'latin1')),
			/not UTF-8 text\n {2}│ migrations\/20250103_000000_c\.sql:2\n/,
		],
		[
			'that is UTF-16',
			(file: string) => writeFileSync(file, Buffer.from('\ufeff-- upgrade\nSELECT 1;\n', 'utf16le')),
			/not UTF-8 text\n {2}│ migrations\/20250103_000000_c\.sql:1\n/,
		],
	])('%s is named with its reason, and nothing runs', async (_name, make, message) => {
		const project = await started();
		make(join(project.path, 'migrations/20250103_000000_c.sql'));
		for (const argv of [['upgrade'], ['upgrade', '--dry-run'], ['check'], ['create', 'x']]) {
			expect(await project.lite(...argv)).toMatchObject({code: 1, stderr: expect.stringMatching(message)});
		}
		expect(project.database((db) => db.value("SELECT count(*) FROM pragma_table_info('t')"))).toBe(2);
	});

	test('may have comments in another encoding', async () => {
		const project = await started();
		writeFileSync(join(project.path, later), Buffer.from('-- caf\xe9\nALTER TABLE t ADD COLUMN b TEXT;\n', 'latin1'));
		expect(await project.lite('upgrade')).toMatchObject({code: 0, stderr: ''});
	});
});

test('a squash that cannot write to the database creates no file', async () => {
	const project = await started();
	await project.lite('upgrade');
	project.write('migrate.toml', `${toml}wait = 0\n`);
	const before = project.files('migrations');
	const holder = openDatabase(join(project.path, 'app.db'));
	onTestFinished(() => holder.close());
	holder.exec('BEGIN IMMEDIATE');
	expect(await project.lite('squash', 'all')).toMatchObject({code: 1, stderr: expect.stringMatching(/^✗ app\.db is still locked/)});
	expect(project.files('migrations')).toEqual(before);
	holder.exec('ROLLBACK');
	expect((await project.lite('squash', 'all')).code).toBe(0);
});

test('a dry run that cannot create a private copy reports the folder', async () => {
	const {path} = projectFolder();
	expect(() => makePrivateCopy(join(path, 'nowhere'), [])).toThrow(/^cannot create a private copy in .*nowhere: the folder does not exist$/);
	writeFileSync(join(path, 'file'), '');
	expect(() => makePrivateCopy(join(path, 'file'), [])).toThrow(/^cannot create a private copy in .*file: part of its path is a file, not a folder$/);
});

test('restore does not report that nothing changes if the database is missing or damaged', async () => {
	const project = await started();
	project.write(later, '-- upgrade\nDELETE FROM t WHERE id = 1;\n');
	project.database((db) => db.exec("INSERT INTO t VALUES (1, 'x')"));
	await project.lite('upgrade', '--yes');
	const [{id}] = JSON.parse((await project.lite('restore', '--json')).stdout).backups;
	const file = join(project.path, 'app.db');
	renameSync(file, `${file}.away`);
	expect((await project.lite('restore', id)).stdout).toContain('the database is missing or empty');
	writeFileSync(file, readFileSync(`${file}.away`).subarray(0, 5000));
	const shown = await project.lite('restore', id);
	expect(shown.stdout).toMatch(/▲ app\.db is truncated: .*: cannot determine what would be lost/);
	expect(shown.code).toBe(3);
	rmSync(`${file}.away`);
	expect((await project.lite('restore', id, '--yes')).code).toBe(0);
	expect(project.database((db) => db.value('SELECT a FROM t'))).toBe('x');
});
