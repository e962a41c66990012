import {type CallSite, callSite} from './call-site.ts';
import type {AnyColumn} from './column.ts';
import type {HasModel} from './model.ts';
import {tablePart} from './part.ts';
import type {KeyPart, SqlExpression} from './sql.ts';

/** A column, an expression, or one of them with order and collation. */
export type IndexedPart = AnyColumn | SqlExpression | KeyPart;

export interface IndexPart extends HasModel {
	readonly part: 'index';
	readonly name: string | undefined;
	readonly unique: boolean;
	readonly columns: readonly IndexedPart[];
	readonly condition: SqlExpression | undefined;
	readonly site: CallSite;
	/** A partial index: of the rows for which this holds. */
	where(condition: SqlExpression): IndexPart;
}

export interface IndexStart extends HasModel {
	/** What it indexes, in order: `user.name`, `user.name.collate('NOCASE').desc()`, sql`lower(${user.name})`. */
	on(...columns: readonly [IndexedPart, ...IndexedPart[]]): IndexPart;
}

/** An index; without a name it is `<table>_<columns>_index`. */
export function index(name?: string): IndexStart {
	return start(name, false, callSite(index));
}

/** A unique index; without a name it is `<table>_<columns>_unique`. */
export function uniqueIndex(name?: string): IndexStart {
	return start(name, true, callSite(uniqueIndex));
}

function start(name: string | undefined, unique: boolean, site: CallSite): IndexStart {
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
