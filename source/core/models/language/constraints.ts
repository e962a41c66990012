import {type CallSite, callSite, modelError} from './call-site.ts';
import type {AnyColumn, ConflictAction, ReferenceAction, ReferenceOptions, UniqueOptions} from './column.ts';
import type {HasModel} from './model.ts';
import {checkOptions, referenceOptions, uniqueOptions} from './options.ts';
import {tablePart} from './part.ts';
import type {KeyPart, Named, SqlExpression} from './sql.ts';

/** A column in a key: `user.name`, `user.name.desc()` or `user.name.collate('NOCASE')`. */
export type KeyColumn = AnyColumn | KeyPart;

/** A CHECK in a table's third argument. `HasModel` lets the loader report a part that is exported instead of listed in a table. */
export interface CheckPart extends HasModel {
	readonly part: 'check';
	readonly name: string | undefined;
	readonly expression: SqlExpression;
	readonly site: CallSite;
}

/** A PRIMARY KEY in a table's third argument. */
export interface PrimaryKeyPart extends HasModel {
	readonly part: 'primaryKey';
	readonly name: string | undefined;
	readonly columns: readonly KeyColumn[];
	readonly onConflict: ConflictAction | undefined;
	readonly autoIncrement: boolean;
	readonly site: CallSite;
}

/** A `unique()` in a table's third argument. */
export interface UniquePart extends HasModel {
	readonly part: 'unique';
	readonly options: UniqueOptions;
	readonly columns: readonly KeyColumn[];
	readonly site: CallSite;
}

/** A foreign key in a table's third argument. */
export interface ForeignKeyPart extends HasModel {
	readonly part: 'foreignKey';
	readonly columns: readonly AnyColumn[];
	readonly foreignColumns: readonly AnyColumn[] | ParentByName;
	readonly options: ReferenceOptions;
	readonly site: CallSite;
	onDelete(action: ReferenceAction): ForeignKeyPart;
	onUpdate(action: ReferenceAction): ForeignKeyPart;
}

/** A parent table that is defined elsewhere, such as in a `.sql` file. Without columns, its primary key is used. */
export interface ParentByName {
	readonly table: string | Named;
	readonly columns?: readonly string[];
}

/** Adds a CHECK to the table, with or without a name: ``check('adult', sql`${user.age} >= 18`)``. */
export function check(expression: SqlExpression): CheckPart;
export function check(name: string, expression: SqlExpression): CheckPart;
export function check(first: string | SqlExpression, second?: SqlExpression): CheckPart {
	const site = callSite(check);
	const [name, expression] = typeof first === 'string' ? [first, second] : [undefined, first];
	if (expression === undefined) throw modelError('check() takes an expression', site, "write check('name', sql`…`)");
	return {...tablePart('check', name, site), part: 'check', name, expression, site};
}

/** Adds a PRIMARY KEY on several columns: `primaryKey({columns: [member.club, member.person]})`. */
export function primaryKey(config: {
	readonly columns: readonly KeyColumn[];
	readonly name?: string;
	readonly onConflict?: ConflictAction;
	readonly autoIncrement?: boolean;
}): PrimaryKeyPart {
	const site = callSite(primaryKey);
	if (!Array.isArray(config?.columns)) throw modelError('primaryKey() has no columns', site, 'write primaryKey({columns: [t.…, t.…]})');
	checkOptions('primaryKey()', config, ['columns', 'name', 'onConflict', 'autoIncrement'], site);
	return {
		...tablePart('primary key', config.name, site),
		part: 'primaryKey',
		name: config.name,
		columns: config.columns,
		onConflict: config.onConflict,
		autoIncrement: config.autoIncrement ?? false,
		site,
	};
}

/**
 * Makes several columns unique together, with a unique index. Its default name is `<table>_<columns>_unique`. With `constraint: true` or `onConflict`,
 * adds a UNIQUE constraint to the table instead.
 */
export function unique(nameOrOptions: string | UniqueOptions = {}): {on(...columns: readonly KeyColumn[]): UniquePart} {
	const site = callSite(unique);
	const options = typeof nameOrOptions === 'string' ? {name: nameOrOptions} : nameOrOptions;
	if (Array.isArray(options)) throw modelError('unique() takes a name; its columns go in .on()', site, 'write unique().on(t.…, t.…)');
	checkOptions('unique()', options, uniqueOptions, site);
	return {
		...tablePart('unique', options.name, site),
		on: (...columns) => ({...tablePart('unique', options.name, site), part: 'unique', options, columns, site}),
	} as {
		on(...columns: readonly KeyColumn[]): UniquePart;
	};
}

/** Adds a foreign key on several columns: `foreignKey({columns: [t.a, t.b], foreignColumns: [parent.a, parent.b]}).onDelete('cascade')`. */
export function foreignKey(
	config: {readonly columns: readonly AnyColumn[]; readonly foreignColumns: readonly AnyColumn[] | ParentByName} & ReferenceOptions,
): ForeignKeyPart {
	const site = callSite(foreignKey);
	const {columns, foreignColumns, ...options} = config ?? {};
	checkOptions('foreignKey()', options, ['columns', 'foreignColumns', ...referenceOptions], site);
	if (!Array.isArray(columns) || foreignColumns === undefined) {
		throw modelError('foreignKey() needs columns and foreignColumns', site, 'write foreignKey({columns: [t.…], foreignColumns: [parent.…]})');
	}
	return foreignKeyPart(columns, foreignColumns, options, site);
}

function foreignKeyPart(
	columns: readonly AnyColumn[],
	foreignColumns: readonly AnyColumn[] | ParentByName,
	options: ReferenceOptions,
	site: CallSite,
): ForeignKeyPart {
	return {
		...tablePart('foreign key', options.name, site),
		part: 'foreignKey',
		columns,
		foreignColumns,
		options,
		site,
		onDelete: (onDelete) => foreignKeyPart(columns, foreignColumns, {...options, onDelete}, site),
		onUpdate: (onUpdate) => foreignKeyPart(columns, foreignColumns, {...options, onUpdate}, site),
	};
}
