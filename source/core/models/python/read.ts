import {nameKey} from '../../schema/identifiers.ts';
import type {Source} from '../../schema/schema.ts';
import {checkChanges} from './changes.ts';
import {dottedName} from './evaluate.ts';
import {isModel, lineageOf} from './lineage.ts';
import {type PythonModel, readModel} from './model.ts';
import {pythonModule} from './module.ts';
import {parsePython} from './parse.ts';
import {type Places, partsOfPath, placeFiles} from './place.ts';
import {statementsReached} from './reach.ts';
import {renderModel, renderModelIndex} from './render.ts';
import type {Expression, PythonSyntax} from './syntax.ts';
import {type PythonText, positionAt, pythonError, pythonText} from './text.ts';
import type {PythonClass, PythonModule} from './value.ts';

/** A definition as text, for `ddl/read.ts`, with its location in the models. */
export interface PythonStatement {
	readonly sql: string;
	readonly source: Source;
	/** The table's name before a rename, if the model declares it. */
	readonly renamedFrom?: string | undefined;
	/** The columns of a table, by name. */
	readonly columns?: Readonly<
		Record<string, {readonly source: Source; readonly renamedFrom?: string | undefined; readonly hasInferredType?: true | undefined}>
	>;
}

/**
 * Returns the tables and indexes that pylite-orm 0.1.4 creates from Python models, as DDL statements with their locations.
 *
 * The files are read as syntax trees and never executed. Files whose names begin with `__` contain no models, but other files may import from them.
 *
 * @throws MigrError `model`, with file and line, if a text is not Python, or if something cannot be determined without running it
 */
export function readPythonModels(files: readonly {readonly path: string; readonly text: string}[]): readonly PythonStatement[] {
	const read = files.map(({path, text}) => moduleFile(pythonText(path, text, 'model'), () => places));
	const places: Places<PythonModule> = placeFiles(new Map(read.map(({module}) => [module.file.path, module])));
	const models: PythonModel[] = [];
	for (const {module, syntax} of read) {
		if (partsOfPath(module.file.path).at(-1)?.startsWith('__') === true) continue;
		const classes = classesOf(module, syntax());
		checkChanges(module, syntax());
		for (const {subject, isConditional} of classes) if (isModelFor(subject, isConditional)) models.push(readModel(subject));
	}

	checkNames(models);
	return tablesOf(models).flatMap(statementsOf);
}

function statementsOf(model: PythonModel): PythonStatement[] {
	const {module, statement} = model.class;
	const columns = model.columns.map(({name, place, renamed, isTypeInferred}) => {
		const origin = {source: sourceOf(place.file, place.from), renamedFrom: renamed, ...(isTypeInferred ? {hasInferredType: true as const} : {})};
		return [name, origin] as const;
	});
	return [
		{sql: renderModel(model), source: sourceOf(module.file, statement.from), renamedFrom: statement.renamed, columns: Object.fromEntries(columns)},
		...model.indexes().map((index) => ({sql: renderModelIndex(model.table, index), source: sourceOf(index.place.file, index.place.from)})),
	];
}

interface ModuleFile {
	readonly module: PythonModule;
	readonly syntax: () => PythonSyntax;
}

function moduleFile(file: PythonText, places: () => Places<PythonModule>): ModuleFile {
	let known: PythonSyntax | undefined;
	const syntax = () => {
		known ??= parsePython(file);
		return known;
	};
	return {module: pythonModule(file, syntax, places), syntax};
}

function sourceOf(file: PythonText, offset: number): Source {
	return {file: file.path, line: positionAt(file, offset).line};
}

interface FoundClass {
	readonly subject: PythonClass;
	readonly isConditional: boolean;
}

/** Returns the classes of a module, including inner classes. */
function classesOf(module: PythonModule, {statements}: PythonSyntax): FoundClass[] {
	const found: FoundClass[] = [];
	for (const {statement, isConditional} of statementsReached(statements)) {
		if (statement.kind !== 'class') continue;
		const subject = module.classAt(statement, {module, local: new Map(), until: statement.from});
		found.push({subject, isConditional}, ...innerClasses(subject, isConditional));
	}
	return found;
}

function innerClasses(outer: PythonClass, isConditional: boolean): FoundClass[] {
	// The body is evaluated first, so the inner classes have the names that are in scope for them.
	outer.body();
	const inner: FoundClass[] = [];
	for (const reached of statementsReached(outer.statement.body)) {
		if (reached.statement.kind !== 'class') continue;
		const subject = outer.module.classAt(reached.statement, {module: outer.module, local: new Map(), until: outer.statement.from});
		const found = {subject, isConditional: isConditional || reached.isConditional};
		inner.push(found, ...innerClasses(subject, found.isConditional));
	}
	return inner;
}

/** True if a class is a model. Throws MigrError if that cannot be determined. */
function isModelFor(subject: PythonClass, isConditional: boolean): boolean {
	const {module, statement} = subject;
	if (isModel(subject)) {
		if (!isConditional) return true;
		throw pythonError(
			module.file,
			statement.from,
			`whether model ${statement.name} exists cannot be determined without running Python`,
			'move the class out of the condition',
		);
	}

	const unknown = lineageOf(subject).find((ancestor) => ancestor.kind === 'unknown');
	const {attributes} = subject.body();
	const isLikeModel = attributes.has('Meta') || [...attributes.values()].some(({value}) => value.kind === 'field') || isWrittenLikeModel(statement);
	if (unknown === undefined || !isLikeModel) return false;
	const isNamed = /^[\w.]+$/.test(unknown.what);
	const base = isNamed ? `its base ${unknown.what} is not in the models folder` : `its base is ${unknown.what}`;
	const message = `cannot determine whether class ${statement.name} is a model: ${base}`;
	throw pythonError(unknown.base.file, unknown.base.from, message, 'inherit from DbModel, or move the base into the models folder');
}

/** True if a class looks like a model by its names. They may be imported from a module that is not read. */
function isWrittenLikeModel({arguments: bases, body}: PythonClass['statement']): boolean {
	const isCalled = (expression: Expression, names: RegExp) => names.test(dottedName(expression).replace(/^.*\./, ''));
	if (bases.some(({value}) => isCalled(value, /^DbModel$/))) return true;
	return body.some(
		(statement) => statement.kind === 'assign' && statement.value?.kind === 'call' && isCalled(statement.value.callee, /^(?:DbField|RelationField)$/),
	);
}

/** Checks that no two models have the same class name, since pylite-orm keeps only one of them. */
function checkNames(models: readonly PythonModel[]): void {
	const names = new Map<string, PythonClass>();
	for (const {class: subject} of models) {
		const {module, statement} = subject;
		const other = names.get(statement.name);
		if (other !== undefined) {
			const message = `two models are named ${statement.name}: the other is in ${placeOf(other)}`;
			throw pythonError(module.file, statement.from, message, 'rename one of them: pylite-orm keeps only one model per name');
		}
		names.set(statement.name, subject);
	}
}

function placeOf({module, statement}: PythonClass): string {
	return `${module.file.path}, line ${positionAt(module.file, statement.from).line}`;
}

/** Returns the models that have a table. A model that inherits its base's table replaces the base. */
function tablesOf(models: readonly PythonModel[]): PythonModel[] {
	const tables = new Map<string, PythonModel>();
	for (const model of models) {
		const {module, statement} = model.class;
		if (model.isAbstract) continue;
		if (model.columns.length === 0) {
			if (models.some((other) => other !== model && inherits(other, model))) continue;
			throw pythonError(module.file, statement.from, `model ${statement.name} has no fields`, 'write fields as name = DbField(…)');
		}

		const key = nameKey(model.table);
		const other = tables.get(key);
		if (other === undefined || inherits(model, other)) tables.set(key, model);
		else if (!inherits(other, model)) {
			const message = `two models define table ${model.table}: the other is ${other.class.statement.name} in ${placeOf(other.class)}`;
			throw pythonError(module.file, statement.from, message, "change the table name of one of them: class Meta: table = '…'");
		}
	}
	return [...tables.values()];
}

function inherits(model: PythonModel, base: PythonModel): boolean {
	return lineageOf(model.class).some((ancestor) => ancestor.kind === 'class' && ancestor.class === base.class);
}
