import {nameKey} from '../../schema/identifiers.ts';
import {typeOfAnnotation} from './annotation.ts';
import {attributeOf, dottedName, evaluate} from './evaluate.ts';
import {type ModelField, readField} from './field.ts';
import {type Ancestor, lineageOf} from './lineage.ts';
import {pythonError} from './text.ts';
import {unsupportedValue} from './unsupported-value.ts';
import type {Placed, PythonClass, Value} from './value.ts';

/** A model, as the table that pylite-orm creates from it. */
export interface PythonModel {
	readonly class: PythonClass;
	readonly table: string;
	readonly columns: readonly PythonModelColumn[];
	/** Read on demand, since the indexes of a model without a table may name columns that it does not have. */
	readonly indexes: () => readonly ModelIndex[];
	/** True if the model has no table: `abstract = True` in its Meta. */
	readonly isAbstract: boolean;
}

export interface PythonModelColumn extends ModelField {
	readonly name: string;
	readonly type: string;
	/** True if the annotation decides the type. */
	readonly isTypeInferred: boolean;
	readonly place: Placed;
	readonly renamed?: string | undefined;
}

export interface ModelIndex {
	readonly name: string;
	readonly columns: readonly string[];
	readonly place: Placed;
}

/** Reads a class that inherits from DbModel. Throws MigrError for everything that only Python can determine. */
export function readModel(subject: PythonClass): PythonModel {
	const {statement} = subject;
	const lineage = lineageOf(subject);
	checkHeader(subject);
	for (const ancestor of lineage) checkAncestor(subject, ancestor);
	const meta = metaOf(lineage);
	const isAbstract = meta !== undefined && meta.owner === subject && meta.isAbstract;
	const table = meta?.table ?? tableName(statement.name);
	const columns = modelColumns(subject, lineage);
	checkColumnNames(statement.name, columns);
	return {
		class: subject,
		table,
		columns,
		isAbstract,
		indexes: () => (meta?.indexes === undefined ? [] : indexesOf(subject, table, columns, meta.indexes)),
	};
}

function checkColumnNames(className: string, columns: readonly PythonModelColumn[]): void {
	const names = new Map<string, PythonModelColumn>();
	for (const column of columns) {
		const {file, from} = column.place;
		const other = names.get(nameKey(column.name));
		const hint = `rename one: SQLite treats ${other?.name} and ${column.name} as the same name`;
		if (other !== undefined) throw pythonError(file, from, `${className} has two columns named ${column.name}`, hint);
		names.set(nameKey(column.name), column);
	}
}

/** Converts `UserProfile` to `user_profile`, as pylite-orm does. */
function tableName(className: string): string {
	return className.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

function checkHeader({module, statement}: PythonClass): void {
	const {file} = module;
	for (const {name, spread, from} of statement.arguments) {
		if (name === undefined && spread === undefined) continue;
		throw pythonError(
			file,
			from,
			`class ${statement.name} has ${name === undefined ? 'computed bases' : `the argument ${name}`}, whose effect cannot be determined without running Python`,
			'list only the bases: class User(DbModel)',
		);
	}

	for (const decorator of statement.decorators) {
		const value = evaluate(decorator, {module, local: new Map(), until: statement.from});
		if (value.kind === 'outside' && value.isStandard) continue;
		throw pythonError(
			file,
			decorator.from,
			`the effect of @${dottedName(decorator)} on class ${statement.name} cannot be determined without running Python`,
			'remove the decorator from the model',
		);
	}
}

/** Attributes that change how pylite-orm reads a class. */
const powers: Readonly<Record<string, string>> = {
	table_name: "write the name as a string: class Meta: table = '…'",
	__init_subclass__: 'write out the fields of each model',
	__model_fields__: 'write out the fields of each model',
};

function checkAncestor(subject: PythonClass, ancestor: Ancestor): void {
	const {name} = subject.statement;
	if (ancestor.kind === 'unknown') {
		const {file, from} = ancestor.base;
		throw pythonError(
			file,
			from,
			`the base ${ancestor.what} of model ${name} is not in the models folder, so its fields are unknown`,
			'move it into the models folder, or write out its fields',
		);
	}
	if (ancestor.kind !== 'class') return;
	const {module, statement, body} = ancestor.class;
	const {attributes, disturbances} = body();
	const [disturbance] = disturbances;
	if (disturbance !== undefined) {
		throw pythonError(
			module.file,
			disturbance.from,
			`class ${statement.name} has ${disturbance.what}, whose effect cannot be determined without running Python`,
			'write fields as name = DbField(…), one per line',
		);
	}
	for (const [power, hint] of Object.entries(powers)) {
		const attribute = attributes.get(power);
		if (attribute !== undefined)
			throw pythonError(
				attribute.file,
				attribute.from,
				`class ${statement.name} overrides ${power}, whose effect cannot be determined without running Python`,
				hint,
			);
	}
}

/** Returns the columns of a model. Fields of the furthest ancestor come first, and override a field of the same name in a descendant. */
function modelColumns(subject: PythonClass, lineage: readonly Ancestor[]): PythonModelColumn[] {
	const columns = new Map<string, PythonModelColumn | undefined>();
	for (const ancestor of lineage.toReversed()) {
		if (ancestor.kind !== 'class') continue;
		const {statement, body} = ancestor.class;
		for (const [attribute, placed] of body().attributes) {
			const name = mangled(attribute, statement.name);
			const label = `${subject.statement.name}.${name}`;
			checkAttribute(label, attribute, placed);
			const {value, statement: written} = placed;
			if (value.kind !== 'field' || columns.has(name)) continue;
			if (value.isVirtual) {
				columns.set(name, undefined);
				continue;
			}
			const field = readField(label, placed, value);
			columns.set(name, {
				...field,
				name,
				type: field.type ?? annotatedType(lineage, attribute),
				isTypeInferred: field.type === undefined,
				place: placed,
				renamed: written?.renamed,
			});
		}
	}
	return [...columns.values()].filter((column) => column !== undefined);
}

function annotatedType(lineage: readonly Ancestor[], attribute: string): string {
	for (const ancestor of lineage) {
		const annotation = ancestor.kind === 'class' ? ancestor.class.body().annotations.get(attribute) : undefined;
		if (annotation !== undefined) return typeOfAnnotation(annotation);
	}
	return 'TEXT';
}

/** Returns the attribute's name in Python, which adds the class name to names that begin with two underscores. */
function mangled(attribute: string, className: string): string {
	const owner = className.replace(/^_+/, '');
	return attribute.startsWith('__') && !attribute.endsWith('__') && owner !== '' ? `_${owner}${attribute}` : attribute;
}

/** Checks an attribute that may be a field but cannot be identified as one, since its column would be missing without an error. */
function checkAttribute(label: string, attribute: string, placed: Placed): void {
	const {value} = placed;
	const isForeign = value.kind === 'outside' && !value.isStandard;
	const isUncalled = value.kind === 'library' && (value.name === 'DbField' || value.name === 'RelationField');
	if (isUncalled)
		throw pythonError(
			placed.file,
			placed.from,
			`${label} is ${value.name} itself, so it is not a column`,
			`call it: ${attribute} = ${value.name}(…)`,
		);
	if (attribute === 'Meta' || (value.kind !== 'unknown' && !isForeign)) return;
	throw unsupportedValue(label, placed, `write it out: ${attribute} = DbField(db_type=DbType.TEXT)`);
}

interface Meta {
	readonly owner: PythonClass;
	readonly table?: string;
	readonly indexes?: Placed | undefined;
	readonly isAbstract: boolean;
}

/** Returns the Meta that Python finds first. Undefined for the Meta of DbModel itself. */
function metaOf(lineage: readonly Ancestor[]): Meta | undefined {
	for (const ancestor of lineage) {
		if (ancestor.kind === 'library' && ancestor.name === 'DbModel') return undefined;
		const placed = ancestor.kind === 'class' ? ancestor.class.body().attributes.get('Meta') : undefined;
		if (ancestor.kind !== 'class' || placed === undefined) continue;
		if (placed.value.kind === 'library' && placed.value.name === 'DbModel.Meta') return undefined;
		if (placed.value.kind !== 'class') throw unsupportedValue(`${ancestor.class.statement.name}.Meta`, placed, "write class Meta: table = '…'");
		return readMeta(ancestor.class, placed.value.class);
	}
	return undefined;
}

function readMeta(owner: PythonClass, meta: PythonClass): Meta {
	const label = `${owner.statement.name}.Meta`;
	for (const ancestor of lineageOf(meta)) {
		if (ancestor.kind === 'unknown') throw unsupportedValue(`the base of ${label}`, ancestor.base, 'write table and indexes in the class itself');
		if (ancestor.kind !== 'class') continue;
		const [disturbance] = ancestor.class.body().disturbances;
		if (disturbance === undefined) continue;
		throw pythonError(
			ancestor.class.module.file,
			disturbance.from,
			`${label} has ${disturbance.what}, whose effect cannot be determined without running Python`,
			"write literals: table = '…', indexes = ['…']",
		);
	}

	const named = attributeOf(meta, 'table');
	const indexes = attributeOf(meta, 'indexes');
	const table = named === undefined || isEmpty(named.value) ? undefined : named;
	if (table !== undefined && table.value.kind !== 'string')
		throw unsupportedValue(`${label}.table`, table, "write the name as a string: table = '…'");
	const abstract = meta.body().attributes.get('abstract')?.value;
	return {
		owner,
		isAbstract: table === undefined && abstract?.kind === 'boolean' && abstract.value,
		...(table?.value.kind === 'string' ? {table: table.value.value} : {}),
		indexes,
	};
}

function isEmpty(value: Value): boolean {
	return value.kind === 'none' || (value.kind === 'string' && value.value === '');
}

/** Returns the indexes of a model. As in pylite-orm, an index on a single field is omitted if the field is the key or not a column. */
function indexesOf(subject: PythonClass, table: string, columns: readonly PythonModelColumn[], placed: Placed): ModelIndex[] {
	const label = `${subject.statement.name}.Meta.indexes`;
	const hint = "write a list of fields: indexes = ['name', ('name', 'age')]";
	const {value} = placed;
	if (value.kind === 'none') return [];
	if (value.kind !== 'list' && value.kind !== 'tuple') throw unsupportedValue(label, placed, hint);
	const indexes = new Map<string, ModelIndex>();
	for (const item of value.items) {
		const fields = fieldsOf(item);
		if (fields === undefined) throw unsupportedValue(`an element of ${label}`, item, hint);
		const isSingle = item.value.kind === 'string';
		if (isSingle && !columns.some(({name, isKey}) => name === fields[0] && !isKey)) continue;
		const missing = fields.find((field) => !columns.some(({name}) => name === field));
		if (missing !== undefined)
			throw pythonError(
				item.file,
				item.from,
				`${label} names ${missing}, which is not a column of ${table}`,
				`use one of its columns: ${columns.map(({name}) => name).join(', ')}`,
			);
		const name = `idx_${table}_${fields.join('_')}`;
		const other = indexes.get(nameKey(name));
		if (other !== undefined && other.columns.join('\0') !== fields.join('\0'))
			throw pythonError(item.file, item.from, `${label} defines two indexes named ${name}`, 'remove one of them');
		indexes.set(nameKey(name), {name, columns: fields, place: item});
	}
	return [...indexes.values()];
}

/** Returns the fields of one index. Undefined if they cannot be determined. */
function fieldsOf({value}: Placed): readonly string[] | undefined {
	if (value.kind === 'string') return [value.value];
	if ((value.kind !== 'tuple' && value.kind !== 'list') || value.items.length === 0) return undefined;
	const fields = value.items.map((item) => (item.value.kind === 'string' ? item.value.value : undefined));
	return fields.every((field) => field !== undefined) ? fields : undefined;
}
