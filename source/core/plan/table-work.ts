import type {TableDelta} from '../operations/table-delta.ts';
import type {Schema, Table} from '../schema/schema.ts';
import type {TableItem} from './arrange.ts';
import type {Features} from './features.ts';

/** A table's changes, as input for the strategies. */
export interface TableWork extends PlanFacts {
	readonly before: Table;
	readonly after: Table;
	readonly delta: TableDelta;
	readonly item: TableItem;
}

/** Facts from the plan around a table's changes. */
export interface PlanFacts {
	readonly features: Features;
	/** The schema at the end of the plan. */
	readonly target: Schema;
	/** True if an earlier change left the columns or keys stored in a different order than in the schema. */
	readonly isReordered: boolean;
	/** Names that temporary tables must not have, in lower case. */
	readonly temporaryNames: () => ReadonlySet<string>;
}
