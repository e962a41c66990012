import type {Operation} from '../../operations/operation.ts';
import {type Plan, type PlanOptions, plan} from '../../plan/plan.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {introspect, schemaOf, schemaRows} from '../../sqlite/introspect.ts';
import {checkTarget} from './target-check.ts';

/** Reads schemas, plans operations and checks results, for the runs that use it. */
export interface Planner {
	/** Returns the schema of a database, like `introspect`. */
	introspect(db: Database): Schema;
	/** Returns the plan of operations, like `plan`. */
	plan(schema: Schema, operations: readonly Operation[], options: PlanOptions): Plan;
	/** Checks that a schema is the planned one, like `checkTarget`. */
	check(plan: Plan, schema: Schema): void;
}

/** The planner of a run on one database, which remembers nothing. */
export const freshPlanner: Planner = {introspect, plan, check: checkTarget};

/** The number of schemas that are remembered. A fleet has a few states, and each one a schema before and after each migration. */
const remembered = 500;

/**
 * Returns a planner for runs on many databases with the same migrations. Each stored text of a schema is read once, and each list of operations is
 * planned and checked once for each schema. A schema is recognized by the whole text of all its objects, so nothing is assumed about a database.
 */
export function rememberingPlanner(): Planner {
	const schemas = new Map<string, Schema>();
	const plans = new WeakMap<Schema, Map<readonly Operation[], {readonly settings: string; readonly plan: Plan}>>();
	const checked = new WeakMap<Plan, WeakSet<Schema>>();
	return {
		introspect(db) {
			const rows = schemaRows(db);
			const text = JSON.stringify(rows.map(({type, name, sql}) => [type, name, sql]));
			const known = schemas.get(text);
			if (known !== undefined) return known;
			const schema = schemaOf(rows);
			const [oldest] = schemas.keys();
			if (schemas.size >= remembered && oldest !== undefined) schemas.delete(oldest);
			schemas.set(text, schema);
			return schema;
		},
		plan(schema, operations, options) {
			const settings = JSON.stringify(options);
			const ofSchema = plans.get(schema) ?? new Map<readonly Operation[], {readonly settings: string; readonly plan: Plan}>();
			const known = ofSchema.get(operations);
			if (known?.settings === settings) return known.plan;
			const planned = plan(schema, operations, options);
			plans.set(schema, ofSchema.set(operations, {settings, plan: planned}));
			return planned;
		},
		check(planned, schema) {
			if (checked.get(planned)?.has(schema) === true) return;
			checkTarget(planned, schema);
			checked.set(planned, (checked.get(planned) ?? new WeakSet()).add(schema));
		},
	};
}
