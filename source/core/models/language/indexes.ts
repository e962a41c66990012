import {type CallSite, callSite} from './call-site.ts';
import type {AnyColumn} from './column.ts';
import type {HasModel} from './model.ts';
import {tablePart} from './part.ts';
import type {KeyPart, SqlExpression} from './sql.ts';

/** A column or an expression, optionally with order and collation. */
export type IndexedPart = AnyColumn | SqlExpression | KeyPart;

/** An index in a table's third argument. */
export interface IndexPart extends HasModel {
	readonly part: 'index';
	readonly name: string | undefined;
	readonly unique: boolean;
	readonly columns: readonly IndexedPart[];
	readonly condition: SqlExpression | undefined;
	readonly site: CallSite;
	/** Makes this a partial index: only rows that match the condition are indexed. */
	where(condition: SqlExpression): IndexPart;
}

/** An index without its columns. */
export interface IndexBuilder extends HasModel {
	/** Sets the indexed columns and expressions, in order: `user.name`, `user.name.collate('NOCASE').desc()`, `` sql`lower(${user.name})` ``. */
	on(...columns: readonly [IndexedPart, ...IndexedPart[]]): IndexPart;
}

/** Creates an index. Its default name is `<table>_<columns>_index`. */
export function index(name?: string): IndexBuilder {
	return start(name, false, callSite(index));
}

/** Creates a unique index. Its default name is `<table>_<columns>_unique`. */
export function uniqueIndex(name?: string): IndexBuilder {
	return start(name, true, callSite(uniqueIndex));
}

function start(name: string | undefined, unique: boolean, site: CallSite): IndexBuilder {
	return {...tablePart('index', name, site), on: (...columns) => indexPart(name, unique, columns, undefined, site)};
}

function indexPart(
	name: string | undefined,
	unique: boolean,
	columns: readonly IndexedPart[],
	condition: SqlExpression | undefined,
	site: CallSite,
): IndexPart {
	return {
		...tablePart('index', name, site),
		part: 'index',
		name,
		unique,
		columns,
		condition,
		site,
		where: (given) => indexPart(name, unique, columns, given, site),
	};
}
