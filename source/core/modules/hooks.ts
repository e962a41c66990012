import {existsSync, readFileSync} from 'node:fs';
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
import {ownUrl} from '../own-url.ts';
import {findFile} from './find-file.ts';
import {type Load, newLoad, noWorkarounds, type Workarounds} from './load.ts';
import {loadOf, moduleUrl, plainPath} from './module-url.ts';
import {isOwn, ownEntry} from './own-package.ts';
import {loaderReplaced} from './replaced-loader.ts';
import {standInFor} from './runtime-module.ts';
import {moduleKind} from './syntax.ts';

/** An import that cannot be resolved. */
export interface UnresolvedImport extends Error {
	readonly specifier: string;
	readonly importer: string;
}

/** False in Bun, which has no hooks, and in Deno, where a hook prevents native modules from loading. */
export const canHook = typeof registerHooks === 'function' && !('Deno' in globalThis);

const code = new Set(['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx']);

// Node has one set of hooks and one `require.cache` per process. These bindings lead from there to the load that a module belongs to.
const loads = new Map<number, Load>();
/** The load that found a CommonJS file last. `require` does not support queries, so the file alone identifies the module. */
const lastLoadOf = new Map<string, Load>();
/** The load whose CommonJS modules are in `require.cache`. */
let cached: Load | undefined;

/**
 * Begins a load of user modules. Modules imported with `moduleUrl(file, load)`, and their imports, are reread. The hooks affect no other imports.
 *
 * Node's own `import()` does the work (https://nodejs.org/api/module.html#synchronous-hooks). The hooks add features that projects with a bundler or
 * TypeScript expect: imports without an extension, `.js` for a `.ts` file, folders, aliases, and no need for `"type": "module"`. Bun and Deno load
 * TypeScript without hooks.
 */
export function beginLoad(workarounds: Workarounds = noWorkarounds): Load {
	if (loads.size === 0 && canHook) startHooks();
	const load = newLoad(loads.size + 1, workarounds);
	loads.set(load.id, load);
	return load;
}

function startHooks(): void {
	try {
		registerHooks({resolve, load: readSource});
	} catch (cause) {
		throw loaderReplaced(cause);
	}
}

/**
 * Starts recording imports. The returned function returns the files that imports in all loads begun since then led to, except lite-migr itself. It
 * returns none without hooks.
 */
export function recordImports(): () => ReadonlySet<string> {
	const before = loads.size;
	return () => new Set([...loads.values()].filter(({id}) => id > before).flatMap(({imported}) => [...imported]));
}

/**
 * Puts the CommonJS modules of a load into `require.cache`, and removes those of the load before. Called for every `require` of a module, which runs
 * everything that the module requires before it returns.
 */
function cacheModulesOf(load: Load): void {
	if (load === cached) return;
	const {cache} = nodeRequire();
	for (const file of cached?.commonJs ?? []) {
		const module = cache[file];
		if (module !== undefined) cached?.suspended.set(file, module);
		delete cache[file];
	}
	for (const [file, module] of load.suspended) cache[file] = module;
	load.suspended.clear();
	cached = load;
}

function addCommonJs(load: Load, file: string): void {
	load.commonJs.add(file);
	lastLoadOf.set(file, load);
}

/** Returns the load that a module belongs to. A CommonJS file that several loads contain belongs to the one that ran `require` last. */
function loadOfModule(url: string): Load | undefined {
	const id = loadOf(url);
	if (id !== undefined) return loads.get(id);
	const file = plainPath(url);
	return cached?.commonJs.has(file) ? cached : lastLoadOf.get(file);
}

/** Resolves a file that lite-migr imports. Node itself does not find it in an archive that only `node:fs` can read, such as Electron's. */
function resolveEntry(url: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
	try {
		return next(url, context);
	} catch (error) {
		if (!isNotFound(error) || !existsSync(plainPath(url))) throw error;
		return {url, shortCircuit: true};
	}
}

/** Resolves the CommonJS file of a `bridge`, in the load that the bridge belongs to. */
function resolveBridged(url: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
	const load = loadOfModule(url);
	if (load !== undefined) cacheModulesOf(load);
	return next(plainPath(url), context);
}

type NextResolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput;

function resolve(specifier: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
	const {parentURL} = context;
	if (parentURL === undefined || !parentURL.startsWith('file:') || isBuiltin(specifier)) return next(specifier, context);
	// In Node 22.18, the conditions of `require` are a Set.
	if (new Set(context.conditions).has('require') && loadOf(specifier) !== undefined) return resolveBridged(specifier, context, next);
	const importer = plainPath(parentURL);
	const isRequired = loadOf(parentURL) === undefined;
	const current = loadOfModule(parentURL);
	if (current === undefined) return loadOf(specifier) === undefined ? next(specifier, context) : resolveEntry(specifier, context, next);
	if (isRequired) cacheModulesOf(current);
	// Next.js uses these packages to report imports in the wrong place. They have no effect here and do not need to be installed.
	if (specifier === 'server-only' || specifier === 'client-only') return {url: 'node:module', format: 'builtin', shortCircuit: true};
	try {
		const resolved =
			specifier === 'lite-migr' ? ownOrInstalled(importer, current, context, next) : resolveImport(specifier, importer, current, context, next);
		if (resolved.url.startsWith('file:') && !isOwnEntry(resolved.url)) current.imported.add(plainPath(resolved.url));
		if (isOfAnotherRuntime(resolved.url)) throw Object.assign(new Error(`Node has no module ${specifier}`), {code: 'ERR_MODULE_NOT_FOUND'});
		if (!isRequired && current.workarounds.bridged.has(specifier) && isCommonJsOfPackage(resolved.url))
			return {url: moduleUrl(plainPath(resolved.url), current), shortCircuit: true};
		return within(current, isRequired, resolved);
	} catch (error) {
		const url = isNotFound(error) && !isRequired ? standInFor(specifier, importer) : undefined;
		if (url !== undefined) return {url, format: 'module', shortCircuit: true};
		throw isNotFound(error) ? Object.assign(error, {specifier, importer} satisfies Omit<UnresolvedImport, keyof Error>) : error;
	}
}

let ownRequire: NodeJS.Require | undefined;

/** Returns a `require` for absolute paths, and for the one cache that all of them share. */
function nodeRequire(): NodeJS.Require {
	ownRequire ??= createRequire(ownUrl());
	return ownRequire;
}

/** Returns the URL of a user file within this load. Packages keep their URL. */
function within(current: Load, isRequired: boolean, resolved: ResolveFnOutput): ResolveFnOutput {
	if (!resolved.url.startsWith('file:') || loadOf(resolved.url) !== undefined) return resolved;
	const file = plainPath(resolved.url);
	// TypeScript and bundlers do not require `with {type: 'json'}`.
	if (extname(file) === '.json' && !isRequired) return {url: moduleUrl(file, current), importAttributes: {type: 'json'}, shortCircuit: true};
	if (!code.has(extname(file)) || (isInPackage(file) && !isTypeScript(file)) || isOwnEntry(resolved.url)) return resolved;
	if (isRequired) {
		if (moduleKind(file, readFileSync(file, 'utf8')) === 'commonjs') addCommonJs(current, file);
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

function resolveImport(specifier: string, importer: string, current: Load, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
	if (/^(?:\.{0,2}\/|\.{1,2}$|file:)/.test(specifier)) {
		return found(pathsOf(specifier, importer).map(findFile).find(Boolean)) ?? next(specifier, context);
	}
	const aliases = current.aliasesOf(dirname(importer));
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
function ownOrInstalled(importer: string, {ownOrInstalled: resolutions}: Load, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
	const folder = dirname(importer);
	const resolution = resolutions.get(folder) ?? {...installed(context, next), shortCircuit: true};
	resolutions.set(folder, resolution);
	return resolution;
}

function installed(context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
	const entry = ownEntry();
	try {
		const resolved = next('lite-migr', context);
		if (entry === undefined || !isOwn(plainPath(resolved.url))) return resolved;
	} catch (error) {
		if (entry === undefined || !isNotFound(error)) throw error;
	}
	return {url: entry};
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

function readSource(url: string, context: LoadHookContext, next: (url: string, context?: Partial<LoadHookContext>) => LoadFnOutput): LoadFnOutput {
	const file = url.startsWith('file:') ? plainPath(url) : '';
	const isRequired = loadOf(url) === undefined;
	const current = loadOfModule(url);
	if (current === undefined || !code.has(extname(file))) return next(url, context);
	if (isInPackage(file) && !isTypeScript(file)) return {format: 'module', source: bridge(file, current), shortCircuit: true};
	current.filesRead.add(file);
	const text = readFileSync(file, 'utf8');
	const kind = moduleKind(file, text);
	if (kind === 'commonjs' && !isRequired) {
		addCommonJs(current, file);
		return {format: 'module', source: bridge(file, current), shortCircuit: true};
	}
	// Node rejects TypeScript in packages. The first such file causes an error, and from then on all of them are transformed.
	const {transform, transformed} = current.workarounds;
	if (transform !== undefined && (transformed.has(file) || (isInPackage(file) && isTypeScript(file)))) {
		return {format: kind, source: transform(text, file), shortCircuit: true};
	}
	return {format: isTypeScript(file) ? `${kind}-typescript` : kind, source: text, shortCircuit: true};
}

/** Returns the source of an ES module with the exports of a CommonJS file. Only the file that `require` loads goes through the hooks again. */
function bridge(file: string, load: Load): string {
	const url = moduleUrl(file, load);
	const exported: unknown = nodeRequire()(url);
	const isObject = (typeof exported === 'object' || typeof exported === 'function') && exported !== null;
	const names = isObject ? Object.keys(exported).filter((name) => name !== 'default') : [];
	return [
		`import {createRequire} from 'node:module';`,
		`const exported = createRequire(${JSON.stringify(pathToFileURL(file).href)})(${JSON.stringify(url)});`,
		`export default exported;`,
		...names.map((name, at) => `const export${at} = exported[${JSON.stringify(name)}]; export {export${at} as ${JSON.stringify(name)}};`),
	].join('\n');
}
