import type {CallSite} from './call-site.ts';
import type {ColumnDefinition} from './column.ts';
import type {CheckPart, ForeignKeyPart, PrimaryKeyPart, UniquePart} from './constraints.ts';
import type {IndexPart} from './indexes.ts';

/** An entry of the list that the third argument of `table()` returns. */
export type TablePart = IndexPart | UniquePart | CheckPart | PrimaryKeyPart | ForeignKeyPart;

/** The options of a table. */
export interface TableOptions {
	/** https://www.sqlite.org/stricttables.html */
	readonly strict?: boolean;
	/** https://www.sqlite.org/withoutrowid.html */
	readonly withoutRowid?: boolean;
	/** The table's name before a rename. It has no effect after the rename is applied. */
	readonly renamedFrom?: string;
}

/** A table's definition, for rendering. */
export interface TableDefinition {
	readonly name: string;
	readonly columns: readonly {readonly name: string; readonly definition: ColumnDefinition}[];
	readonly parts: () => readonly TablePart[];
	readonly options: TableOptions;
	readonly site: CallSite;
}
