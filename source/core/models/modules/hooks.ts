import {readFileSync} from 'node:fs';
import {
	createRequire,
	isBuiltin,
	type LoadFnOutput,
	type LoadHookContext,
	type ResolveFnOutput,
	type ResolveHookContext,
	registerHooks,
} from 'node:module';
import {dirname, extname, resolve as resolvePath, sep} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {findFile} from './find-file.ts';
import {isOwn, ownEntry} from './own-package.ts';
import {moduleKind} from './syntax.ts';
import {type PathAliases, pathAliasReader} from './tsconfig-paths.ts';
import {loadOf, moduleUrl, plainPath} from './url.ts';

export type Transform = (source: string, file: string) => string;

/** An import that cannot be resolved. */
export interface UnresolvedImport extends Error {
	readonly specifier: string;
	readonly importer: string;
}

const require = createRequire(import.meta.url);
const code = new Set(['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx']);

/** The user's CommonJS files, with the load they belong to. `require` does not support queries, so this map identifies them. */
const commonJs = new Map<string, number>();
/** Files that need more than Node's own type stripping. */
const transformed = new Set<string>();
/** CommonJS packages whose exports are read at run time, by import specifier. */
const bridged = new Set<string>();
/** The user's files in this load, in the order they were read. */
const read = new Set<string>();
/** The resolution of `lite-migr`, by the folder of the importing file. */
const ownOrInstalledFrom = new Map<string, ResolveFnOutput>();
let transform: Transform | undefined;
let aliasesOf: (folder: string) => PathAliases = pathAliasReader();
let loads = 0;

/**
 * Begins a load of models. Modules imported with `moduleUrl(file, load)`, and their imports, are reread. The hooks affect no other imports.
 *
 * Node's own `import()` does the work (https://nodejs.org/api/module.html#synchronous-hooks). The hooks add features that projects with a bundler or
 * TypeScript expect: imports without an extension, `.js` for a `.ts` file, folders, aliases, and no need for `"type": "module"`.
 */
export function beginLoad(): number {
	if (loads === 0) registerHooks({resolve, load});
	for (const file of commonJs.keys()) delete require.cache[file];
	read.clear();
	ownOrInstalledFrom.clear();
	aliasesOf = pathAliasReader();
	loads += 1;
	return loads;
}

/** Makes all later loads run this file through `newTransform` instead of Node's type stripping. Returns false if they already do. */
export function transformFile(file: string, newTransform: Transform): boolean {
	if (transformed.has(file)) return false;
	transform = newTransform;
	transformed.add(file);
	return true;
}

/**
 * Makes all later loads see every name that a CommonJS package exports. Node only finds names that it can detect in the text. Returns false if they
 * already do.
 */
export function bridgePackage(specifier: string): boolean {
	if (bridged.has(specifier)) return false;
	bridged.add(specifier);
	return true;
}

/** Returns the user's files that this load has read so far, in order. */
export function filesRead(): readonly string[] {
	return [...read];
}

/** True for the URL of a module that was loaded as part of the models, as written in a stack trace. */
export function isOfModels(url: string): boolean {
	return loadOf(url) !== undefined || commonJs.has(plainPath(url));
}

type NextResolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput;

function resolve(specifier: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
	const {parentURL} = context;
	if (parentURL === undefined || !parentURL.startsWith('file:')) return next(specifier, context);
	const importer = plainPath(parentURL);
	const isRequired = loadOf(parentURL) === undefined;
	const current = isRequired ? commonJs.get(importer) : loadOf(parentURL);
	if (current === undefined || isBuiltin(specifier)) return next(specifier, context);
	// Next.js uses these packages to report imports in the wrong place. They have no effect here and do not need to be installed.
	if (specifier === 'server-only' || specifier === 'client-only') return {url: 'node:module', format: 'builtin', shortCircuit: true};
	try {
		const resolved = specifier === 'lite-migr' ? ownOrInstalled(importer, context, next) : resolveImport(specifier, importer, context, next);
		if (isOfAnotherRuntime(resolved.url)) throw Object.assign(new Error(`Node has no module ${specifier}`), {code: 'ERR_MODULE_NOT_FOUND'});
		if (!isRequired && bridged.has(specifier) && isCommonJsOfPackage(resolved.url))
			return {url: moduleUrl(plainPath(resolved.url), current), shortCircuit: true};
		return within(current, isRequired, resolved);
	} catch (error) {
		throw isNotFound(error) ? Object.assign(error, {specifier, importer} satisfies Omit<UnresolvedImport, keyof Error>) : error;
	}
}

/** Returns the URL of a user's file within this load. Packages keep their URL. */
function within(current: number, isRequired: boolean, resolved: ResolveFnOutput): ResolveFnOutput {
	if (!resolved.url.startsWith('file:') || loadOf(resolved.url) !== undefined) return resolved;
	const file = plainPath(resolved.url);
	// TypeScript and bundlers do not require `with {type: 'json'}`.
	if (extname(file) === '.json' && !isRequired) return {...resolved, importAttributes: {type: 'json'}, shortCircuit: true};
	if (!code.has(extname(file)) || (isInPackage(file) && !isTypeScript(file)) || isOwnEntry(resolved.url)) return resolved;
	if (isRequired) {
		if (moduleKind(file, readFileSync(file, 'utf8')) === 'commonjs') commonJs.set(file, current);
		return {...resolved, shortCircuit: true};
	}
	return {url: moduleUrl(file, current), shortCircuit: true};
}

/** True for modules such as `bun:sqlite` and `cloudflare:workers`. */
function isOfAnotherRuntime(url: string): boolean {
	return !/^(?:file|node|data):/.test(url);
}

function isCommonJsOfPackage(url: string): boolean {
	const file = url.startsWith('file:') ? plainPath(url) : '';
	return isInPackage(file) && !isTypeScript(file) && code.has(extname(file)) && moduleKind(file, readFileSync(file, 'utf8')) === 'commonjs';
}

function isInPackage(file: string): boolean {
	return file.includes(`${sep}node_modules${sep}`);
}

function isTypeScript(file: string): boolean {
	return /\.[mc]?tsx?$/.test(file);
}

function isOwnEntry(url: string): boolean {
	return url === ownEntry();
}

function resolveImport(specifier: string, importer: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
	if (/^(?:\.{0,2}\/|\.{1,2}$|file:)/.test(specifier)) {
		return found(pathsOf(specifier, importer).map(findFile).find(Boolean)) ?? next(specifier, context);
	}
	const aliases = aliasesOf(dirname(importer));
	const byPaths = aliases.byPaths(specifier).map(findFile).find(Boolean);
	if (byPaths !== undefined) return found(byPaths) as ResolveFnOutput;
	try {
		return next(specifier, context);
	} catch (error) {
		const target = (error as {readonly url?: string}).url;
		const missing = isNotFound(error) ? [aliases.byBaseUrl(specifier), target?.startsWith('file:') ? plainPath(target) : undefined] : [];
		const file = missing.map((path) => (path === undefined ? undefined : findFile(path))).find(Boolean);
		if (file === undefined) throw error;
		return found(file) as ResolveFnOutput;
	}
}

/** Returns a relative import as a path, as bundlers read it, and as a URL, as Node does. */
function pathsOf(specifier: string, importer: string): readonly string[] {
	const asPath = specifier.startsWith('file:') ? [] : [resolvePath(dirname(importer), specifier)];
	const isUrl = /^[^%]*(?:%[0-9a-f]{2}[^%]*)*$/i.test(specifier);
	return isUrl ? [...asPath, fileURLToPath(new URL(specifier.replace(/[?#].*$/, ''), pathToFileURL(importer)))] : asPath;
}

function found(file: string | undefined): ResolveFnOutput | undefined {
	return file === undefined ? undefined : {url: pathToFileURL(file).href, shortCircuit: true};
}

/** Resolves `lite-migr`. A project that has lite-migr installed uses its own copy. */
function ownOrInstalled(importer: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
	const folder = dirname(importer);
	const known = ownOrInstalledFrom.get(folder) ?? {...installed(context, next), shortCircuit: true};
	ownOrInstalledFrom.set(folder, known);
	return known;
}

function installed(context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
	try {
		const resolved = next('lite-migr', context);
		if (!isOwn(plainPath(resolved.url))) return resolved;
	} catch (error) {
		if (!isNotFound(error)) throw error;
	}
	return {url: ownEntry()};
}

function isNotFound(error: unknown): error is Error {
	const code = (error as {readonly code?: unknown} | undefined)?.code;
	return (
		code === 'ERR_MODULE_NOT_FOUND' ||
		code === 'MODULE_NOT_FOUND' ||
		code === 'ERR_UNSUPPORTED_DIR_IMPORT' ||
		code === 'ERR_PACKAGE_IMPORT_NOT_DEFINED'
	);
}

function load(url: string, context: LoadHookContext, next: (url: string, context?: Partial<LoadHookContext>) => LoadFnOutput): LoadFnOutput {
	const file = url.startsWith('file:') ? plainPath(url) : '';
	const isRequired = commonJs.has(file) && loadOf(url) === undefined;
	if (!(isRequired || loadOf(url) !== undefined) || !code.has(extname(file))) return next(url, context);
	if (isInPackage(file) && !isTypeScript(file)) return {format: 'module', source: bridge(file), shortCircuit: true};
	read.add(file);
	const text = readFileSync(file, 'utf8');
	const kind = moduleKind(file, text);
	if (kind === 'commonjs' && !isRequired) {
		commonJs.set(file, loadOf(url) ?? loads);
		return {format: 'module', source: bridge(file), shortCircuit: true};
	}
	// Node rejects TypeScript in packages. The first such file causes an error, and from then on all of them are transformed.
	if (transform !== undefined && (transformed.has(file) || (isInPackage(file) && isTypeScript(file)))) {
		return {format: kind, source: transform(text, file), shortCircuit: true};
	}
	return {format: isTypeScript(file) ? `${kind}-typescript` : kind, source: text, shortCircuit: true};
}

/** Returns the source of an ES module with the exports of a CommonJS file. Only the file that `require` loads goes through the hooks again. */
function bridge(file: string): string {
	const exported: unknown = require(file);
	const isObject = (typeof exported === 'object' || typeof exported === 'function') && exported !== null;
	const names = isObject ? Object.keys(exported).filter((name) => name !== 'default') : [];
	return [
		`import {createRequire} from 'node:module';`,
		`const exported = createRequire(${JSON.stringify(pathToFileURL(file).href)})(${JSON.stringify(file)});`,
		`export default exported;`,
		...names.map((name, at) => `const export${at} = exported[${JSON.stringify(name)}]; export {export${at} as ${JSON.stringify(name)}};`),
	].join('\n');
}
