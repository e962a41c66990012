import {quoted} from '../../../source/core/schema/identifiers.ts';

/**
 * A schema whose parts refer to each other by number. A rename only changes a name, and everything that refers to the part follows.
 * In a template, `{t3}` represents table 3, `{c7}` column 7 and `{v2}` view 2.
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
	/** The text after DEFAULT. */
	default?: string | undefined;
	collate?: string | undefined;
	generated?: {expression: Template; stored: boolean} | undefined;
	/** The column of another table that gives its values. */
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
	/** The column whose definition contains the check. */
	column?: number | undefined;
	name?: string | undefined;
	expression: Template;
}

export interface ModelForeignKey {
	columns: number[];
	parent: number;
	/** Empty if the foreign key omits the columns of the parent's primary key. */
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
	/** Names in parentheses after the name of the view. */
	columns: string[];
	/** The names of columns that other views can read. */
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
	/** The text after USING. */
	module: Template;
	/** The table that an external-content FTS index reads. */
	content?: number | undefined;
	/** Statements that insert its rows. */
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

/** Returns the numbers in a template. */
export function named(template: Template): readonly number[] {
	return [...template.matchAll(/\{[tcvf](\d+)\}/g)].map(([, id]) => Number(id));
}

/** Returns the names of all numbered objects. */
export function namesOf(model: Model): ReadonlyMap<number, string> {
	const names = new Map<number, string>();
	for (const table of model.tables) {
		names.set(table.id, table.name);
		for (const column of table.columns) names.set(column.id, column.name);
	}
	for (const {id, name} of [...model.views, ...model.virtuals]) names.set(id, name);
	return names;
}

/** Renders a template as SQL. `{f3}` is a name inside a string literal, for the arguments of a virtual table. */
export function filled(template: Template, names: ReadonlyMap<number, string>): string {
	return template.replace(/\{([tcvf])(\d+)\}/g, (_, kind: string, id: string) => {
		const name = names.get(Number(id));
		if (name === undefined) throw new Error(`the template names ${kind}${id}, which does not exist: ${template}`);
		return kind === 'f' ? name.replaceAll("'", "''") : quoted(name);
	});
}
