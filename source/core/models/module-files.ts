import {moduleFailure} from '../modules/failure.ts';
import {importModules, type LoadedModule, type ModuleExports} from '../modules/import-modules.ts';
import type {SchemaObject} from '../schema/schema.ts';
import type {Casing} from './drizzle/orm.ts';
import {isDrizzleObject} from './drizzle/recognize.ts';
import {type Model, modelOf} from './language/model.ts';
import {objectOf, objectsOf} from './objects.ts';

/**
 * Imports model files (`.ts`, `.mts`, `.cts`, `.js`, `.mjs`, `.cjs`) and reads the tables, views, triggers and virtual tables they export, from
 * lite-migr's table language or from Drizzle. Each call imports the files again. A model that several files export counts once. `casing` is Drizzle's.
 *
 * @throws MigrError `model`, with file and line, if a module throws or a model is invalid
 */
export async function readModuleFiles(files: readonly string[], casing?: Casing): Promise<readonly SchemaObject[]> {
	if (files.length === 0) return [];
	const {load, modules} = await importModules(files);
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
			throw moduleFailure(error, file, load);
		}
	});
	return drizzle.length === 0 ? objects : [...objects, ...(await readDrizzle(drizzle, casing))];
}

/** Returns the exports, and the values of a default export or `module.exports` that is a plain object. */
function exportedValues(exports: ModuleExports): readonly unknown[] {
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

/** Reads Drizzle models. The reader is loaded only if there are any. */
async function readDrizzle(modules: readonly LoadedModule[], casing: Casing | undefined): Promise<readonly SchemaObject[]> {
	const {readDrizzleModules} = await import('./drizzle/read.ts');
	return (await readDrizzleModules(modules, {casing})).map(objectOf);
}
