/** Prisma schema files as syntax trees, with the line of each part. */

export interface PrismaFile {
	readonly path: string;
	readonly blocks: readonly Block[];
}

export interface Place {
	readonly file: string;
	/** 1-based. */
	readonly line: number;
}

export type Block = ModelBlock | EnumBlock | SettingsBlock;

/** `model`, `view`, or `type`, which have the same syntax. */
export interface ModelBlock {
	readonly kind: 'model' | 'view' | 'type';
	readonly name: string;
	readonly place: Place;
	readonly fields: readonly Field[];
	readonly attributes: readonly Attribute[];
	/** The name of the table before a rename, as stated in a comment. */
	readonly renamedFrom: string | undefined;
}

export interface EnumBlock {
	readonly kind: 'enum';
	readonly name: string;
	readonly place: Place;
	readonly values: readonly EnumValue[];
	readonly attributes: readonly Attribute[];
}

export interface EnumValue {
	readonly name: string;
	readonly place: Place;
	readonly attributes: readonly Attribute[];
}

/** `datasource` or `generator`. */
export interface SettingsBlock {
	readonly kind: 'datasource' | 'generator';
	readonly name: string;
	readonly place: Place;
	readonly settings: readonly Setting[];
}

export interface Setting {
	readonly name: string;
	readonly value: Value;
	readonly place: Place;
}

export interface Field {
	readonly name: string;
	readonly place: Place;
	readonly type: FieldType;
	readonly arity: 'required' | 'optional' | 'list';
	readonly attributes: readonly Attribute[];
	/** The name of the column before a rename, as stated in a comment. */
	readonly renamedFrom: string | undefined;
}

export type FieldType =
	| {readonly kind: 'named'; readonly name: string}
	/** `Unsupported("…")`, with the type in the database. */
	| {readonly kind: 'unsupported'; readonly text: string};

export interface Attribute {
	/** Without `@` or `@@`: `id`, `db.Text`. */
	readonly name: string;
	readonly arguments: readonly Argument[];
	readonly place: Place;
}

export interface Argument {
	readonly name: string | undefined;
	readonly value: Value;
	readonly place: Place;
}

export type Value = StringValue | NumberValue | NameValue | CallValue | ListValue | ObjectValue;

export interface StringValue {
	readonly kind: 'string';
	readonly text: string;
	readonly place: Place;
}

export interface NumberValue {
	readonly kind: 'number';
	/** As written, because numbers can be larger than JavaScript's. */
	readonly text: string;
	readonly place: Place;
}

export interface NameValue {
	readonly kind: 'name';
	readonly name: string;
	readonly place: Place;
}

export interface CallValue {
	readonly kind: 'call';
	readonly name: string;
	readonly arguments: readonly Argument[];
	readonly place: Place;
}

export interface ListValue {
	readonly kind: 'list';
	readonly items: readonly Value[];
	readonly place: Place;
}

export interface ObjectValue {
	readonly kind: 'object';
	readonly entries: readonly {readonly name: string; readonly value: Value; readonly place: Place}[];
	readonly place: Place;
}
