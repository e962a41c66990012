import {MigrError} from '../errors.ts';
import {watchForStandstill} from '../sqlite/event-loop.ts';
import {findFailingFile, isSyntaxErrorSomewhere, isTypeScriptInPackage, moduleFailure, moduleWithoutName} from './failure.ts';
import {beginLoad} from './hooks.ts';
import {type Load, noWorkarounds, type Workarounds} from './load.ts';
import {moduleUrl} from './module-url.ts';
import {isOfAnotherContext, loaderReplaced} from './replaced-loader.ts';

/** The values that a module exports, by name. */
export type ModuleExports = Readonly<Record<string, unknown>>;

export interface LoadedModule {
	readonly file: string;
	readonly exports: ModuleExports;
}

export interface LoadedModules {
	readonly load: Load;
	readonly modules: readonly LoadedModule[];
}

/**
 * Imports user files in one load, so a module that several of them import exists once. Starts again with a workaround if Node cannot load one of
 * them.
 *
 * @throws MigrError `model`, with file and line, if a module throws or cannot be loaded
 */
export async function importModules(files: readonly string[]): Promise<LoadedModules> {
	let workarounds = noWorkarounds;
	for (;;) {
		const load = beginLoad(workarounds);
		const modules: LoadedModule[] = [];
		let failed: {readonly file: string; readonly error: unknown} | undefined;
		for (const file of files) {
			try {
				modules.push({file, exports: await importOrFail(moduleUrl(file, load))});
			} catch (error) {
				failed = {file, error};
				break;
			}
		}
		if (failed === undefined) return {load, modules};
		const more = await withWorkaround(workarounds, failed.error);
		if (more === undefined) throw await failureOf(failed.error, failed.file, load);
		workarounds = more;
	}
}

/**
 * Imports one file with Node alone, except for TypeScript in a package, which Node refuses. Each call imports it again, and treats it as a module
 * regardless of the project's package.json.
 */
export async function importModule(file: string): Promise<ModuleExports> {
	try {
		return await importUrl(moduleUrl(file, beginLoad()));
	} catch (error) {
		if (isOfAnotherContext(error)) throw loaderReplaced(error);
		const more = isTypeScriptInPackage(error) ? await withWorkaround(noWorkarounds, error) : undefined;
		if (more === undefined) throw error;
		return await importUrl(moduleUrl(file, beginLoad(more)));
	}
}

async function importUrl(url: string): Promise<ModuleExports> {
	// The comments stop bundlers from looking for the file.
	return await import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ url);
}

/** Returns workarounds that may let the files load after this error. Undefined if nothing is left to try. */
async function withWorkaround(tried: Workarounds, error: unknown): Promise<Workarounds | undefined> {
	const file = findFailingFile(error);
	if (file !== undefined && !tried.transformed.has(file)) {
		const {transformTypeScript: transform} = await import('./transform.ts');
		return {...tried, transform, transformed: new Set([...tried.transformed, file])};
	}
	const specifier = moduleWithoutName(error);
	if (specifier === undefined || tried.bridged.has(specifier)) return undefined;
	return {...tried, bridged: new Set([...tried.bridged, specifier])};
}

async function failureOf(error: unknown, file: string, load: Load): Promise<MigrError> {
	const found = isSyntaxErrorSomewhere(error) ? (await import('./transform.ts')).findSyntaxError([...load.filesRead]) : undefined;
	return found ?? moduleFailure(error, file, load);
}

/** Imports a module. Fails if the module awaits a promise that never settles. */
async function importOrFail(url: string): Promise<ModuleExports> {
	let stopWatch: (() => void) | undefined;
	const never = new Promise<never>((_, reject) => {
		stopWatch = watchForStandstill(() => reject(new MigrError('model', 'the module awaits a promise that never settles')));
	});
	try {
		return await Promise.race([importUrl(url), never]);
	} finally {
		stopWatch?.();
	}
}
