import {execFileSync, spawnSync} from 'node:child_process';
import {copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {gzipSync} from 'node:zlib';
import {build as esbuild} from 'esbuild';
import {rolldown} from 'rolldown';
import {build as viteBuild} from 'vite';
import {afterAll, beforeAll, describe, expect, onTestFinished, test} from 'vitest';
import {builtBin} from '../cli/built-bin.ts';

const root = join(import.meta.dirname, '../..');
let project: string;
let installed: string;

/** Creates a project that has only the packed lite-migr in node_modules: no SQLite and no types. */
beforeAll(() => {
	builtBin();
	project = realpathSync(mkdtempSync(join(tmpdir(), 'lite-migr-package-')));
	const npm = ['pack', '--ignore-scripts', '--pack-destination', project, '--loglevel=error'];
	execFileSync('npm', npm, {cwd: root, stdio: ['ignore', 'ignore', 'inherit']});
	const tarball = readdirSync(project).find((name) => name.endsWith('.tgz')) ?? '';
	execFileSync('tar', ['xzf', tarball], {cwd: project});
	installed = join(project, 'node_modules/lite-migr');
	mkdirSync(dirname(installed), {recursive: true});
	execFileSync('mv', [join(project, 'package'), installed]);
	writeFileSync(join(project, 'package.json'), '{"type": "module"}');
});

afterAll(() => rmSync(project, {recursive: true, force: true}));

function filesOf(folder: string): string[] {
	return readdirSync(folder, {recursive: true, withFileTypes: true})
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** Returns the files that a module loads by static imports, including itself. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
	const path = join(installed, file);
	if (seen.has(path)) return seen;
	seen.add(path);
	const text = readFileSync(path, 'utf8');
	for (const [, specifier] of text.matchAll(/(?:^|[;}\n])(?:import|export)\b[^;()]*?["'](\.[^"']+)["']/g)) {
		loadedBy(join(dirname(file), specifier ?? ''), seen);
	}
	return seen;
}

describe('the package', () => {
	test('contains the bundle, its declarations and the licenses, but no source', () => {
		const files = filesOf(installed);
		expect(files).toContain('dist/cli.js');
		expect(files).toContain('dist/index.js');
		expect(files).toContain('dist/types/source/index.d.ts');
		expect(files).toContain('dist/LICENSES.txt');
		expect(readFileSync(join(installed, 'dist/SKILL.md'), 'utf8')).toMatch(/^---\nname: lite-migr\ndescription: .+\n---\n\n# For coding agents/);
		expect(files).toContain('LICENSE');
		expect(files.filter((file) => !file.startsWith('dist/')).sort()).toEqual(
			['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'].filter((file) => files.includes(file)),
		);
	});

	test('has a runtime that imports nothing and needs nothing of Node', () => {
		for (const file of ['dist/runtime.js', 'dist/runtime.cjs']) {
			const text = readFileSync(join(installed, file), 'utf8');
			expect({file, found: /\bimport\b|\brequire\b|\bprocess\b|\bBuffer\b|\bglobal\b|__dirname/.exec(text)?.[0]}).toEqual({file, found: undefined});
			// Hermes and older browsers do not have these.
			expect(text).not.toMatch(/\.(?:toReversed|toSorted|toSpliced|findLast|groupBy)\(|structuredClone|\(\?<[=!]/);
			expect(gzipSync(text).length).toBeLessThan(10_000);
		}
		expect(filesOf(installed)).toContain('dist/types/source/runtime.d.ts');
		const declarations = readFileSync(join(installed, 'dist/types/source/runtime.d.ts'), 'utf8');
		expect(declarations).not.toMatch(/node:|better-sqlite3'/);
	});

	test.each([
		['imported', 'esm.mjs', "import {migrate, nodeSqlite} from 'lite-migr/runtime';"],
		['required', 'cjs.cjs', "const {migrate, nodeSqlite} = require('lite-migr/runtime');"],
	])('has a runtime that can be %s', (_, file, line) => {
		const steps = `${line}
const sqlite = process.getBuiltinModule('node:sqlite');
migrate(nodeSqlite(new sqlite.DatabaseSync(':memory:')), {format: 1, migrations: []}).then((result) => console.log(JSON.stringify(result)));`;
		writeFileSync(join(project, file), steps);
		const {stdout, stderr} = spawnSync(process.execPath, ['--no-warnings', join(project, file)], {encoding: 'utf8'});
		expect({stdout, stderr}).toEqual({stdout: '{"applied":[],"undone":[],"at":null}\n', stderr: ''});
	});

	test('is at most 2.5 MB large', () => {
		const bytes = filesOf(installed).reduce((sum, file) => sum + statSync(join(installed, file)).size, 0);
		expect(bytes).toBeLessThan(2_500_000);
	});

	test('has an executable bin', () => {
		expect(readFileSync(join(installed, 'dist/cli.js'), 'utf8').split('\n')[0]).toBe('#!/usr/bin/env node');
		expect(statSync(join(installed, 'dist/cli.js')).mode & 0o111).toBe(0o111);
	});

	test('is built for production, without React devtools', () => {
		for (const file of filesOf(installed).filter((name) => name.endsWith('.js'))) {
			const text = readFileSync(join(installed, file), 'utf8');
			expect({file, found: /process\.env\.NODE_ENV|(?:from|import\()\s*["'`]react-devtools-core/.exec(text)?.[0]}).toEqual({file, found: undefined});
		}
	});

	test('names every package whose code it contains', () => {
		const licenses = readFileSync(join(installed, 'dist/LICENSES.txt'), 'utf8');
		for (const name of ['ink', 'react', 'meow', 'smol-toml', 'sucrase', '@lezer/python']) expect(licenses).toContain(`\n${name} `);
	});

	test('loads neither React nor the TypeScript transformer at startup', () => {
		for (const entry of ['dist/index.js', 'dist/cli.js']) {
			const text = [...loadedBy(entry)].map((file) => readFileSync(file, 'utf8')).join('\n');
			expect(text).not.toMatch(/react\.transitional\.element|yoga/i);
			expect(text).not.toContain('jsxPragma');
		}
	});
});

describe('a project that has it installed', () => {
	const run = (text: string) => {
		writeFileSync(join(project, 'run.js'), text);
		return spawnSync(process.execPath, ['run.js'], {cwd: project, encoding: 'utf8'});
	};

	test.each(['status', 'check'])('%s reads less than half of the code, as ASCII, and loads no cryptography before it is needed', (command) => {
		const texts = [...loadedBy(`dist/chunks/${command}.js`)].map((file) => readFileSync(file, 'utf8'));
		const all = ['core', 'engine', 'base'].map((name) => readFileSync(join(installed, `dist/chunks/${name}.js`), 'utf8'));
		const lengthOf = (parts: readonly string[]) => parts.reduce((sum, {length}) => sum + length, 0);
		expect(lengthOf(texts)).toBeLessThan(lengthOf(all) / 2);
		expect(texts.filter((text) => /[^\x00-\x7f]/.test(text))).toEqual([]);
		expect(texts.filter((text) => text.includes('getBuiltinModule(`node:crypto`)'))).toEqual([]);
	});

	test('imports models without SQLite', () => {
		const {stdout, stderr} = run(
			"import {integer, sql, table, view} from 'lite-migr';\nconst user = table('user', {id: integer().primaryKey()});\nview('v').as(sql`SELECT 1`);\nconsole.log(Object.keys(user).includes('id'));\n",
		);
		expect({stdout, stderr}).toEqual({stdout: 'true\n', stderr: ''});
	});

	test.each([
		['imported', 'esm.mjs', "import {releasedDatabases} from 'lite-migr/test';"],
		['required', 'cjs.cjs', "const {releasedDatabases} = require('lite-migr/test');"],
	])('has tests that can be %s without SQLite', (_, file, line) => {
		writeFileSync(join(project, file), `${line}\ntry { releasedDatabases('nowhere'); } catch ({code}) { console.log(code); }\n`);
		expect(spawnSync(process.execPath, ['--no-warnings', file], {cwd: project, encoding: 'utf8'})).toMatchObject({stdout: 'files\n', stderr: ''});
	});

	test('type-checks strictly, with no other types installed', () => {
		writeFileSync(
			join(project, 'tsconfig.json'),
			JSON.stringify({
				compilerOptions: {
					module: 'nodenext',
					moduleResolution: 'nodenext',
					target: 'es2022',
					strict: true,
					exactOptionalPropertyTypes: true,
					skipLibCheck: false,
					declaration: true,
					emitDeclarationOnly: true,
					outDir: 'out',
					rootDir: '.',
					types: [],
				},
				files: ['consumer.ts', 'consumer-of-tests.ts'],
			}),
		);
		for (const file of ['consumer.ts', 'consumer-of-tests.ts']) copyFileSync(join(import.meta.dirname, 'fixtures', file), join(project, file));
		const {stdout, status} = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], {
			cwd: project,
			encoding: 'utf8',
		});
		expect({stdout, status}).toEqual({stdout: '', status: 0});
		expect(readFileSync(join(project, 'out/consumer.d.ts'), 'utf8')).not.toContain('any>');
	});
});

describe('a program that bundles it', () => {
	const migration =
		"export function upgrade(op) {\n\top.createTable('CREATE TABLE user (id INTEGER PRIMARY KEY)');\n}\nexport function downgrade(op) {\n\top.dropTable('user');\n}\n";
	const program = `
		async function main() {
			for await (const event of apply({database: 'app.db', migrationsDir: 'migrations'})) {
				if (event.type === 'failed') throw new Error(event.message);
				if (event.type === 'migrationDone') console.log('applied ' + event.migration);
			}
		}
		main();
	`;

	/** Returns a folder with `build/`, which has only the bundle, and `server/`, which has better-sqlite3 and migrations, but not lite-migr. */
	function folders(format: 'esm' | 'cjs'): {readonly entry: string; readonly server: string} {
		const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lite-migr-bundle-')));
		onTestFinished(() => rmSync(folder, {recursive: true, force: true}));
		const server = join(folder, 'server');
		mkdirSync(join(server, 'migrations'), {recursive: true});
		mkdirSync(join(server, 'node_modules'));
		symlinkSync(join(root, 'node_modules/better-sqlite3'), join(server, 'node_modules/better-sqlite3'), 'dir');
		writeFileSync(join(server, 'migrations/20260101_000000_user.js'), migration);
		writeFileSync(join(server, 'package.json'), format === 'esm' ? '{"type": "module"}' : '{}');
		mkdirSync(join(folder, 'node_modules'));
		symlinkSync(installed, join(folder, 'node_modules/lite-migr'), 'dir');
		const entry = join(folder, 'app.js');
		writeFileSync(entry, `${format === 'esm' ? "import {apply} from 'lite-migr';" : "const {apply} = require('lite-migr');"}${program}`);
		return {entry, server};
	}

	const start = (server: string) => {
		const {stdout, stderr} = spawnSync(process.execPath, ['app.js'], {cwd: server, encoding: 'utf8'});
		return {stdout, stderr};
	};

	test.each(['esm', 'cjs'] as const)('starts and migrates: rolldown, %s', async (format) => {
		const {entry, server} = folders(format);
		const build = await rolldown({input: entry, platform: 'node', logLevel: 'warn'});
		await build.write({dir: server, format, entryFileNames: 'app.js'});
		await build.close();
		expect(start(server)).toEqual({stdout: 'applied 20260101_000000_user\n', stderr: ''});
	});

	test.each(['esm', 'cjs'] as const)('starts and migrates: esbuild, %s', async (format) => {
		const {entry, server} = folders(format);
		const {warnings} = await esbuild({
			entryPoints: [entry],
			bundle: true,
			platform: 'node',
			format,
			outfile: join(server, 'app.js'),
			logLevel: 'silent',
		});
		expect(warnings).toEqual([]);
		expect(start(server)).toEqual({stdout: 'applied 20260101_000000_user\n', stderr: ''});
	});

	test('starts and migrates: Vite for a server', async () => {
		const {entry, server} = folders('esm');
		const output = {entryFileNames: 'app.js'};
		await viteBuild({
			configFile: false,
			root: dirname(entry),
			logLevel: 'silent',
			build: {ssr: entry, outDir: server, emptyOutDir: false, rolldownOptions: {output}},
			ssr: {noExternal: true},
		});
		expect(start(server)).toEqual({stdout: 'applied 20260101_000000_user\n', stderr: ''});
	});
});
