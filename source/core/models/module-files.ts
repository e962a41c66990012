import {MigrError} from '../errors.ts';
import type {SchemaObject} from '../schema/schema.ts';
import {watchForStandstill} from '../sqlite/event-loop.ts';
import type {Casing} from './drizzle/orm.ts';
import {isDrizzleObject} from './drizzle/recognize.ts';
import {type Model, modelOf} from './language/model.ts';
import {findFailingFile, isSyntaxErrorSomewhere, moduleFailure, moduleWithoutName} from './modules/failure.ts';
import {beginLoad, bridgePackage, filesRead, transformFile} from './modules/hooks.ts';
import {moduleUrl} from './modules/url.ts';
import {objectOf, objectsOf} from './objects.ts';

interface LoadedModule {
	readonly file: string;
	readonly exports: Readonly<Record<string, unknown>>;
}

/**
 * Imports model files (`.ts`, `.mts`, `.cts`, `.js`, `.mjs`, `.cjs`) and reads the tables, views, triggers and virtual tables they export, from
 * lite-migr's table language or from Drizzle. Each call imports the files again. A model that several files export counts once. `casing` is Drizzle's.
 *
 * @throws MigrError `model`, with file and line, if a module throws or a model is invalid
 */
export async function readModuleFiles(files: readonly string[], casing?: Casing): Promise<readonly SchemaObject[]> {
	if (files.length === 0) return [];
	const modules = await importAll(files);
	const models = new Map<Model, string>();
	const drizzle: LoadedModule[] = [];
	for (const module of modules) {
		let isDrizzle = false;
		for (const value of exportedValues(module.exports)) {
			const model = modelOf(value);
			if (model !== undefined) models.set(model, models.get(model) ?? module.file);
			else isDrizzle ||= isDrizzleObject(value);
		}
		if (isDrizzle) drizzle.push(module);
	}
	const objects = [...models].flatMap(([model, file]) => {
		try {
			return objectsOf(model);
		} catch (error) {
			throw moduleFailure(error, file);
		}
	});
	return drizzle.length === 0 ? objects : [...objects, ...(await readDrizzle(drizzle, casing))];
}

/** Returns the exports, and the values of a default export or `module.exports` that is a plain object. */
function exportedValues(exports: Readonly<Record<string, unknown>>): readonly unknown[] {
	const {default: main, ...named} = exports;
	return [...Object.values(named), main, ...(modelOf(main) === undefined ? valuesIn(main) : [])];
}

function valuesIn(object: unknown): readonly unknown[] {
	if (typeof object !== 'object' || object === null) return [];
	try {
		if (Object.getPrototypeOf(object) !== Object.prototype) return [];
		return Object.values(Object.getOwnPropertyDescriptors(object)).flatMap((property) => ('value' in property ? [property.value] : []));
	} catch {
		// As in `modelOf`: a proxy that throws when it is inspected contains no models.
		return [];
	}
}

async function importAll(files: readonly string[]): Promise<readonly LoadedModule[]> {
	for (;;) {
		const load = beginLoad();
		const modules: LoadedModule[] = [];
		let failed: {readonly file: string; readonly error: unknown} | undefined;
		for (const file of files) {
			try {
				modules.push({file, exports: await importOne(moduleUrl(file, load))});
			} catch (error) {
				failed = {file, error};
				break;
			}
		}
		if (failed === undefined) return modules;
		// All files are imported again so that each model exists once.
		if (!(await isRemedied(failed.error))) throw await failureOf(failed.error, failed.file);
	}
}

/** True if loading the same files again may get further. */
async function isRemedied(error: unknown): Promise<boolean> {
	const culprit = findFailingFile(error);
	if (culprit !== undefined && transformFile(culprit, (await import('./modules/transform.ts')).transformTypeScript)) return true;
	const specifier = moduleWithoutName(error);
	return specifier !== undefined && bridgePackage(specifier);
}

async function failureOf(error: unknown, file: string): Promise<MigrError> {
	const found = isSyntaxErrorSomewhere(error) ? (await import('./modules/transform.ts')).findSyntaxError(filesRead()) : undefined;
	return found ?? moduleFailure(error, file);
}

async function importOne(url: string): Promise<Readonly<Record<string, unknown>>> {
	let stopWatch: (() => void) | undefined;
	const never = new Promise<never>((_, reject) => {
		stopWatch = watchForStandstill(() => reject(new MigrError('model', 'the module awaits a promise that never settles')));
	});
	try {
		return await Promise.race([import(url), never]);
	} finally {
		stopWatch?.();
	}
}

/** Reads Drizzle models. The reader is loaded only if there are any. */
async function readDrizzle(modules: readonly LoadedModule[], casing: Casing | undefined): Promise<readonly SchemaObject[]> {
	const {readDrizzleModules} = await import('./drizzle/read.ts');
	return (await readDrizzleModules(modules, casing === undefined ? {} : {casing})).map(objectOf);
}
