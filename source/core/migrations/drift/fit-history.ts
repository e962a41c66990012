import type {FileFormat} from '../../config/config.ts';
import {MigrError} from '../../errors.ts';
import type {Operation} from '../../operations/operation.ts';
import {plan} from '../../plan/plan.ts';
import {statementsOf} from '../../plan/statements.ts';
import type {Schema} from '../../schema/schema.ts';
import {managedSchema} from '../history/managed-schema.ts';
import {builtSchema} from '../replay/built-schema.ts';
import type {ComparisonBase} from '../replay/comparison-base.ts';
import {replay} from '../replay/replay.ts';
import {schemaDifferences} from '../replay/schema-differences.ts';
import {correctiveOperations} from './corrective.ts';

export interface Fitted {
	/** The schema that the migration is written for. */
	readonly from: Schema;
	readonly operations: readonly Operation[];
	/** All schemas that the migration must fit: that of this database and, if it differs, the one that the migrations build. */
	readonly fits: readonly Schema[];
	/** Why the migration would fail on a database built only from the migration files. Undefined if it would not fail. */
	readonly newDatabaseProblem?: string;
}

/**
 * Makes operations that were planned for one database fit all databases of the project. If this database was changed outside lite-migr, the
 * operations may not fit the schema that the migrations build. They are then rewritten to fit both, and a replay verifies that.
 */
export async function fitHistory(
	{schema, present, state}: ComparisonBase,
	operations: readonly Operation[],
	{ignore, format}: {readonly ignore: readonly string[]; readonly format: FileFormat},
): Promise<Fitted> {
	const here: Fitted = {from: schema, operations, fits: [schema]};
	if (present === undefined || state.applied.length === 0 || state.missing.length > 0) return here;
	const built = await tried(async () => {
		return managedSchema((await builtSchema(state.source, state.files)).schema, ignore);
	});
	// If the existing migrations already fail on a new database, this one makes no difference there.
	if ('problem' in built || schemaDifferences(built.result, schema).length === 0) return here;
	const from = built.result;
	const runsOn = (base: Schema, list: readonly Operation[]) => tried(() => replay(base, [{name: 'draft', path: 'draft', operations: list}]));
	const plain = await runsOn(from, operations);
	if (!('problem' in plain)) return {...here, fits: [schema, from]};
	const corrective = correctiveOperations(operations, schema, from);
	if (corrective !== undefined) {
		const expected = await runsOn(schema, operations);
		const reached = await runsOn(schema, corrective);
		// Files in SQL contain the statements planned for this database, so exactly these must also run on the other schema.
		const elsewhere = await runsOn(from, format !== 'ts' ? spelledOut(schema, corrective) : corrective);
		const isSame = 'result' in expected && 'result' in reached && schemaDifferences(expected.result.schema, reached.result.schema).length === 0;
		if (isSame && 'result' in elsewhere) return {from: format !== 'ts' ? schema : from, operations: corrective, fits: [schema, from]};
	}
	return {...here, newDatabaseProblem: plain.problem};
}

function spelledOut(from: Schema, operations: readonly Operation[]): readonly Operation[] {
	const {steps} = plan(from, operations, {portable: true});
	return steps.flatMap(statementsOf).map((sql): Operation => ({kind: 'execute', sql, parameters: []}));
}

async function tried<T>(work: () => Promise<T>): Promise<{readonly result: T} | {readonly problem: string}> {
	try {
		return {result: await work()};
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		return {problem: error.message};
	}
}
