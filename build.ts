/**
 * Builds dist/: the bin, the headless API and the engine's worker as one bundle in chunks, the runtime for devices as separate files, and the
 * declaration files.
 *
 * The build is written to a scratch folder and then renamed to dist/, so a program that is running from dist/ always sees complete files.
 */
import {execFileSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {isBuiltin} from 'node:module';
import {dirname, join} from 'node:path';
import {type Plugin, rolldown} from 'rolldown';
import {configSchema} from './source/core/config/keys.ts';

const root = import.meta.dirname;
const target = join(root, 'dist');
const scratch = join(root, 'node_modules', '.cache', `lite-migr-build-${process.pid}`);
const fresh = join(scratch, 'dist');

const entries: Record<string, string> = {
	cli: 'cli.tsx',
	index: 'source/index.ts',
	test: 'source/test.ts',
	'engine-worker': 'source/ui/engine-worker.ts',
	'run-process': 'source/run-process/run-process.ts',
	'watch-parent': 'source/run-process/watch-parent.ts',
	'remote-worker': 'source/core/engines/remote-worker.ts',
	'fleet-worker': 'source/core/migrations/fleet/fleet-worker.ts',
};

/** The modules that `status` and `check` import, which are a third of what most commands import. Known when all modules are read. */
const baseModules = new Set<string>();

const findsBaseModules: Plugin = {
	name: 'finds-base-modules',
	buildEnd() {
		const visit = (id: string): void => {
			if (baseModules.has(id)) return;
			baseModules.add(id);
			for (const imported of this.getModuleInfo(id)?.importedIds ?? []) visit(imported);
		};
		for (const name of ['status.ts', 'check.ts']) visit(join(root, 'source', 'commands', name));
	},
};

/** Few files load faster than many: code that nearly every command needs is in one chunk, and code that only some models need is separate. */
const groups = [
	{
		name: 'line',
		test: /source\/(?:core\/(?:errors|text|version|own-url)|commands\/(?:line\/(?!help|screen)|text\/(?:output|error-text)|registry))/,
		priority: 2,
	},
	{name: 'base', test: (id: string) => baseModules.has(id) && !/commands\/(?:status|check)\.ts$/.test(id), priority: 1},
	{name: 'core', test: /source\/core\/(?:schema|ddl|operations|diff|plan|sqlite|models\/(?!python|drizzle)|modules\/(?!transform))/},
	{
		name: 'engine',
		test: /source\/commands\/project\.ts$|source\/core\/(?:config|migrations\/(?!files\/python|adopt|squash|run|backup|fleet\/(?!is-pattern)))|node_modules\/smol-toml/,
	},
];

// Ink imports react-devtools-core in development only, but a bundle would always import it.
const withoutDevtools: Plugin = {
	name: 'without-devtools',
	resolveId: (id) => (id === 'react-devtools-core' ? {id: '\0no-devtools'} : null),
	load: (id) => (id === '\0no-devtools' ? 'export default {initialize() {}, connectToDevTools() {}};' : null),
};

// meow can find and normalize a program's package.json. lite-migr never uses this, and loading it takes longer than running `status`.
const withoutPackageReading: Plugin = {
	name: 'without-package-reading',
	transform(code, id) {
		if (/node_modules\/meow\/build\/options\.js$/.test(id)) {
			return replaced(
				code,
				/^import \{[^}]*\} from '\.\/dependencies\.js';/m,
				'const readPackageUpSync = () => undefined, normalizePackageData = () => {};',
			);
		}
		if (!/node_modules\/meow\/build\/dependencies\.js$/.test(id)) return null;
		const unused = [
			/^import \{ promisify \} from .*$/m,
			/^import \{ execFile \} from .*$/m,
			/^promisify\(execFile\);$/m,
			/^var normalizeExports = .*;$/m,
			/^const normalizePackageData = .*;$/m,
			/^var libExports = .*;$/m,
		];
		return unused.reduce(
			(rest, pattern) => replaced(rest, pattern, pattern.source.includes('const normal') ? 'const normalizePackageData = () => {};' : ''),
			code,
		);
	},
};

/** What packages contain for uses that lite-migr does not have: Sucrase checks its options at run time, and Lezer's Python parser colors code. */
const unusedParts: Readonly<Record<string, string>> = {
	'ts-interface-checker': 'export const createCheckers = () => ({Options: {strictCheck() {}}});',
	'./Options-gen-types': 'export default {};',
	'@lezer/highlight': 'export const styleTags = () => () => null; const tag = new Proxy(() => tag, {get: () => tag}); export const tags = tag;',
};

const withoutUnusedParts: Plugin = {
	name: 'without-unused-parts',
	resolveId: (id) => (id in unusedParts ? {id: `\0unused ${id}`} : null),
	load: (id) => (id.startsWith('\0unused ') ? (unusedParts[id.slice('\0unused '.length)] ?? null) : null),
};

const graphemes = JSON.stringify(join(root, 'source', 'ui', 'page', 'graphemes.ts'));

/** A segmenter and the expression for emoji take 30 milliseconds before the first screen, which needs neither: see `graphemes.ts`. */
const withoutSegmenters: Plugin = {
	name: 'without-segmenters',
	transform(code, id) {
		if (!id.includes('/node_modules/') || !code.includes('new Intl.Segmenter(')) return null;
		const simple = /\/\^\[\\u0020-\\u007E\]\*\$\/\.test\(string\)/;
		const quick = /node_modules\/string-width\/index\.js$/.test(id) ? replaced(code, simple, 'isSimpleText(string)') : code;
		const created = /new Intl\.Segmenter\((?:undefined, ?\{ ?granularity: ?['"]grapheme['"] ?\})?\)/g;
		const text = replaced(quick, created, 'graphemeSegmenter');
		if (text.includes('Intl.Segmenter')) throw new Error(`${id} uses another segmenter`);
		return `import {graphemeSegmenter, isSimpleText} from ${graphemes};\n${text}`;
	},
};

/** V8 needs twice the memory for a text with a character outside Latin-1, and reads it more slowly. Escapes mean the same, except in `String.raw`. */
const onlyAscii: Plugin = {
	name: 'only-ascii',
	generateBundle(_options, output) {
		for (const chunk of Object.values(output)) {
			if (chunk.type !== 'chunk') continue;
			if (/String\.raw`[^`]*[^\x00-\x7f]/.test(chunk.code)) throw new Error(`${chunk.fileName}: String.raw would show the escapes`);
			chunk.code = chunk.code.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
		}
	},
};

interface ImportNode {
	readonly type: string;
	readonly start: number;
	readonly end: number;
	readonly source: {readonly value: string};
	readonly specifiers: readonly {readonly type: string; readonly local: {readonly name: string}; readonly imported?: {readonly name: string}}[];
}

/**
 * Importing a built-in module reads all its exports, and some are created on the first read (the streams of `node:process`, the promises of
 * `node:fs`). Together that takes about ten milliseconds, a third of Node's own startup. `process.getBuiltinModule` reads no exports.
 */
const builtinsUnread: Plugin = {
	name: 'builtins-unread',
	renderChunk(code) {
		const imports = (this.parse(code).body as unknown as ImportNode[]).filter(
			({type, source}) => type === 'ImportDeclaration' && isBuiltin(source.value),
		);
		return imports.reduceRight((rest, node) => rest.slice(0, node.start) + builtinSource(node) + rest.slice(node.end), code);
	},
};

function builtinSource({source, specifiers}: ImportNode): string {
	const name = `node:${source.value.replace(/^node:/, '')}`;
	const from = `globalThis.process.getBuiltinModule(${JSON.stringify(name)})`;
	const named = specifiers.filter(({type}) => type === 'ImportSpecifier').map(({local, imported}) => `${imported?.name}: ${local.name}`);
	const whole = specifiers.filter(({type}) => type !== 'ImportSpecifier').map(({local}) => `const ${local.name} = ${from};`);
	return [...whole, ...(named.length === 0 ? [] : [`const {${named.join(', ')}} = ${from};`])].join(' ');
}

function replaced(code: string, pattern: RegExp, replacement: string): string {
	const changed = code.replace(pattern, replacement);
	if (changed === code) throw new Error(`a package has changed: nothing in it matches ${pattern}`);
	return changed;
}

async function bundle(): Promise<void> {
	const input = Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(join(root, file))));
	const build = await rolldown({
		cwd: root,
		input,
		platform: 'node',
		external: [/^node:/, 'better-sqlite3', /^drizzle-orm(\/|$)/],
		// ES modules if a package has both formats, so unused exports can be removed.
		resolve: {mainFields: ['module', 'main']},
		plugins: [withoutDevtools, withoutPackageReading, withoutUnusedParts, withoutSegmenters, builtinsUnread, onlyAscii, findsBaseModules],
		// At build time, since a value set at run time would reach the user's models.
		// Yoga only checks whether fetch exists, but the check makes Node load its own implementation: 28 ms before the first frame.
		transform: {target: 'node22', define: {'process.env.NODE_ENV': '"production"', 'typeof fetch': '"undefined"'}},
	});
	const {output} = await build.write({
		dir: fresh,
		format: 'esm',
		entryFileNames: '[name].js',
		chunkFileNames: 'chunks/[name].js',
		codeSplitting: {groups},
		// This saves space but not startup time. Names are kept so that stack traces in bug reports are readable.
		minify: {compress: true, mangle: {keepNames: true}, codegen: {removeWhitespace: true}},
	});
	await build.close();
	writeFileSync(join(fresh, 'LICENSES.txt'), licenses(output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))));
	writeFileSync(join(fresh, 'SKILL.md'), skill());
	writeFileSync(join(fresh, 'migrate.schema.json'), `${JSON.stringify(configSchema(), null, '\t')}\n`);
	if (existsSync(join(fresh, 'cli.js'))) chmodSync(join(fresh, 'cli.js'), 0o755);
}

/** Builds the runtime, which runs without Node: one file without any import, as an ES module and as CommonJS. */
async function bundleRuntime(): Promise<void> {
	const build = await rolldown({cwd: root, input: 'source/runtime.ts', platform: 'neutral', plugins: [onlyVersion], transform: {target: 'es2022'}});
	for (const [format, file] of [
		['esm', 'runtime.js'],
		['cjs', 'runtime.cjs'],
	] as const) {
		const {output} = await build.write({
			file: join(fresh, file),
			format,
			minify: {compress: true, mangle: true, codegen: {removeWhitespace: true}},
		});
		const [{imports, dynamicImports}, ...others] = output;
		if (imports.length + dynamicImports.length + others.length > 0) throw new Error(`${file} must not import anything: ${imports.join(', ')}`);
	}
	await build.close();
}

/** Otherwise the runtime would contain all of package.json. */
const onlyVersion: Plugin = {
	name: 'only-version',
	load: (id) => (id === join(root, 'package.json') ? JSON.stringify({version: packageVersion()}) : null),
};

function packageVersion(): string {
	return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

/** Returns the page for coding agents as a skill file: with a name and a description, and with links that work in the package. */
function skill(): string {
	const page = readFileSync(join(root, 'docs/for-coding-agents.md'), 'utf8').replace(/\[([^\]]+)\]\([^)]+\)/g, '$1');
	const description = 'How to change a SQLite schema with lite-migr without losing rows: look, ask, try the plan, show it, run exactly that plan.';
	return `---\nname: lite-migr\ndescription: ${description}\n---\n\n${page}`;
}

/** Returns the licenses of the packages whose code is in the bundle. Most have the same permission notice, which is at the end, once. */
function licenses(modules: readonly string[]): string {
	const folders = new Set(modules.flatMap((id) => id.match(/^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? []));
	const packages = [...folders].sort().map((folder) => {
		const {name, version, license} = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
		const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
		const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
		const at = text.indexOf('Permission is hereby granted, free of charge');
		return {title: `${name} ${version} (${license})`, text, at, notice: at === -1 ? '' : text.slice(at)};
	});
	const words = (text: string) => text.replace(/\s+/g, ' ').trim();
	const [shared = '', ...others] = packages.map(({notice}) => notice).filter((notice) => notice !== '');
	const isShared = (notice: string) => notice !== '' && words(notice) === words(shared);
	const line = `\n${'-'.repeat(80)}\n\n`;
	const texts = packages.map(
		({title, text, at, notice}) =>
			`${title}\n\n${isShared(notice) ? `${text.slice(0, at)}(with the MIT permission notice at the end of this file)` : text}\n`,
	);
	return [...texts, ...(others.length === 0 ? [] : [`The MIT permission notice\n\n${shared}\n`])].join(line);
}

/**
 * Removes the declarations that no entry reaches. Replaces the extension .ts in their imports with .js, since not every TypeScript configuration
 * accepts .ts. A program may not have the types of a driver that it does not use.
 */
function tidyDeclarations(folder: string, entries: readonly string[]): void {
	const reached = new Set<string>();
	const visit = (path: string): void => {
		if (reached.has(path)) return;
		reached.add(path);
		const text = readFileSync(path, 'utf8');
		for (const [, name] of text.matchAll(importInDeclaration)) visit(join(dirname(path), `${name}.d.ts`));
		writeFileSync(
			path,
			text
				.replace(importInDeclaration, (found) => found.replace(/\.tsx?$/, '.js'))
				.replace(importOfDriver, '// @ts-ignore: may not be installed\n$&'),
		);
	};
	for (const entry of entries) visit(join(folder, entry));
	for (const file of readdirSync(folder, {recursive: true, withFileTypes: true})) {
		const path = join(file.parentPath, file.name);
		if (file.isFile() && !reached.has(path)) rmSync(path);
	}
	removeEmptyFolders(folder);
}

const importInDeclaration = /(?<=(?:from |import\()['"])(\.[^'"]*)\.tsx?(?=['"])/g;

const importOfDriver = /^import type .* from '(?:better-sqlite3|node:sqlite)';$/gm;

/** Copies the declarations that `entry` reaches, as the types of a CommonJS module. */
function commonJsDeclarations(entry: string, seen = new Set<string>()): void {
	if (seen.has(entry)) return;
	seen.add(entry);
	const text = readFileSync(entry, 'utf8');
	for (const [, name] of text.matchAll(importOfDeclaration)) commonJsDeclarations(join(dirname(entry), `${name}.d.ts`), seen);
	writeFileSync(entry.replace(/\.ts$/, '.cts'), text.replace(importOfDeclaration, '$1.cjs'));
}

const importOfDeclaration = /(?<=(?:from |import\()['"])(\.[^'"]*)\.js(?=['"])/g;

function removeEmptyFolders(folder: string): void {
	for (const entry of readdirSync(folder, {withFileTypes: true})) if (entry.isDirectory()) removeEmptyFolders(join(folder, entry.name));
	if (readdirSync(folder).length === 0) rmSync(folder, {recursive: true});
}

function declarations(): void {
	execFileSync(
		process.execPath,
		[join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', join(root, 'tsconfig.types.json'), '--outDir', join(fresh, 'types')],
		{
			stdio: 'inherit',
		},
	);
	tidyDeclarations(join(fresh, 'types'), ['source/index.d.ts', 'source/runtime.d.ts', 'source/test.d.ts']);
	commonJsDeclarations(join(fresh, 'types', 'source/runtime.d.ts'));
}

function putInPlace(): void {
	const old = join(scratch, 'old');
	if (existsSync(target)) renameSync(target, old);
	renameSync(fresh, target);
}

rmSync(scratch, {recursive: true, force: true});
mkdirSync(scratch, {recursive: true});
try {
	await bundle();
	await bundleRuntime();
	declarations();
	putInPlace();
} finally {
	rmSync(scratch, {recursive: true, force: true});
}
