import {quoted} from '../../../source/core/schema/identifiers.ts';

/**
 * A schema whose parts know each other by number, so that a rename is nothing but another name, and everything that names the part follows.
 * In a template `{t3}` stands for table 3, `{c7}` for column 7 and `{v2}` for view 2.
 */
export interface Model {
	readonly tables: ModelTable[];
	readonly indexes: ModelIndex[];
	readonly views: ModelView[];
	readonly triggers: ModelTrigger[];
	readonly virtuals: ModelVirtual[];
	/** The next free number. */
	next: number;
}

export type Template = string;

export interface ModelTable {
	readonly id: number;
	name: string;
	columns: ModelColumn[];
	key?: ModelKey | undefined;
	uniques: ModelUnique[];
	checks: ModelCheck[];
	foreignKeys: ModelForeignKey[];
	strict: boolean;
	withoutRowid: boolean;
}

export interface ModelColumn {
	readonly id: number;
	name: string;
	type: string;
	notNull?: {name?: string | undefined; onConflict?: string | undefined} | undefined;
	/** As it stands behind DEFAULT. */
	default?: string | undefined;
	collate?: string | undefined;
	generated?: {expression: Template; stored: boolean} | undefined;
	/** The column of another table that it takes the values from. */
	takesFrom?: number | undefined;
}

export interface KeyPart {
	column: number;
	collate?: string | undefined;
	descending?: boolean | undefined;
}

export interface ModelKey {
	columns: KeyPart[];
	isInline: boolean;
	autoincrement: boolean;
	name?: string | undefined;
	onConflict?: string | undefined;
}

export interface ModelUnique {
	columns: KeyPart[];
	isInline: boolean;
	name?: string | undefined;
	onConflict?: string | undefined;
}

export interface ModelCheck {
	/** The column behind which it is written. */
	column?: number | undefined;
	name?: string | undefined;
	expression: Template;
}

export interface ModelForeignKey {
	columns: number[];
	parent: number;
	/** Empty for the parent's primary key unsaid. */
	parentColumns: number[];
	actions: string;
	name?: string | undefined;
}

export interface ModelIndex {
	readonly id: number;
	name: string;
	readonly table: number;
	unique: boolean;
	columns: {expression: Template; suffix: string}[];
	where?: Template | undefined;
}

export interface ModelView {
	readonly id: number;
	name: string;
	/** Names in parentheses behind the view's name. */
	columns: string[];
	/** The names that can be read from it. */
	gives: string[];
	select: Template;
}

export interface ModelTrigger {
	readonly id: number;
	name: string;
	/** `{t3}` or `{v2}`. */
	readonly on: Template;
	timing: string;
	event: string;
	updateOf: number[];
	when?: Template | undefined;
	body: Template;
}

export interface ModelVirtual {
	readonly id: number;
	name: string;
	/** Behind USING. */
	module: Template;
	/** The table whose rows an external-content FTS index is about. */
	content?: number | undefined;
	/** Statements that give it rows. */
	rows: Template[];
}

export function emptyModel(): Model {
	return {tables: [], indexes: [], views: [], triggers: [], virtuals: [], next: 1};
}

export function tableOf(model: Model, id: number): ModelTable | undefined {
	return model.tables.find((table) => table.id === id);
}

export function columnOf(table: ModelTable, id: number): ModelColumn | undefined {
	return table.columns.find((column) => column.id === id);
}

/** The numbers that a template names. */
export function named(template: Template): readonly number[] {
	return [...template.matchAll(/\{[tcvf](\d+)\}/g)].map(([, id]) => Number(id));
}

/** Every number that stands for something, with its name. */
export function namesOf(model: Model): ReadonlyMap<number, string> {
	const names = new Map<number, string>();
	for (const table of model.tables) {
		names.set(table.id, table.name);
		for (const column of table.columns) names.set(column.id, column.name);
	}
	for (const {id, name} of [...model.views, ...model.virtuals]) names.set(id, name);
	return names;
}

/** A template as SQL. `{f3}` stands for a name as a string literal's inside, for the arguments of a virtual table. */
export function filled(template: Template, names: ReadonlyMap<number, string>): string {
	return template.replace(/\{([tcvf])(\d+)\}/g, (_, kind: string, id: string) => {
		const name = names.get(Number(id));
		if (name === undefined) throw new Error(`the template names ${kind}${id}, which is not there: ${template}`);
		return kind === 'f' ? name.replaceAll("'", "''") : quoted(name);
	});
}
