import {MigrError} from '../../errors.ts';
import type {Operation} from '../../operations/operation.ts';
import {plan} from '../../plan/plan.ts';
import {statementsOf} from '../../plan/statements.ts';
import type {Schema} from '../../schema/schema.ts';
import {loadMigrations} from '../files/load.ts';
import type {MigrationFormat} from '../files/write.ts';
import {managedSchema} from '../history/managed-schema.ts';
import type {Base} from '../replay/base.ts';
import {replay, replayFromNothing} from '../replay/replay.ts';
import {schemaDifferences} from '../replay/schema-differences.ts';
import {correctiveOperations} from './corrective.ts';

export interface Fitted {
	/** The schema that the migration is written for. */
	readonly from: Schema;
	readonly operations: readonly Operation[];
	/** All schemas that the migration must fit: that of the database at hand, and if it differs, what the migrations make. */
	readonly fits: readonly Schema[];
	/** Why no database that the migrations alone made can take it, where none can. */
	readonly misfit?: string;
}

/**
 * What was found in one database becomes a migration for all of them. Where that one was changed by other means, its operations need not fit what
 * the migrations make from nothing: then they are written so that they fit both, proven by a replay.
 */
export async function fitHistory(
	{schema, present, state}: Base,
	operations: readonly Operation[],
	{ignore, format}: {readonly ignore: readonly string[]; readonly format: MigrationFormat},
): Promise<Fitted> {
	const here: Fitted = {from: schema, operations, fits: [schema]};
	if (present === undefined || state.applied.length === 0 || state.missing.length > 0) return here;
	const made = await tried(async () => {
		return managedSchema((await replayFromNothing(await loadMigrations(state.files))).schema, ignore);
	});
	// Where nothing can be made from the migrations, this one is no worse.
	if ('misfit' in made || schemaDifferences(made.result, schema).length === 0) return here;
	const from = made.result;
	const runsOn = (base: Schema, list: readonly Operation[]) => tried(() => replay(base, [{name: 'draft', path: 'draft', operations: list}]));
	const plain = await runsOn(from, operations);
	if (!('misfit' in plain)) return {...here, fits: [schema, from]};
	const corrective = correctiveOperations(operations, schema, from);
	if (corrective !== undefined) {
		const wanted = await runsOn(schema, operations);
		const reached = await runsOn(schema, corrective);
		// SQL is spelled out for the database at hand, and has to fit as it is spelled.
		const elsewhere = await runsOn(from, format === 'sql' ? spelledOut(schema, corrective) : corrective);
		const isSame = 'result' in wanted && 'result' in reached && schemaDifferences(wanted.result.schema, reached.result.schema).length === 0;
		if (isSame && 'result' in elsewhere) return {from: format === 'sql' ? schema : from, operations: corrective, fits: [schema, from]};
	}
	return {...here, misfit: plain.misfit};
}

function spelledOut(from: Schema, operations: readonly Operation[]): readonly Operation[] {
	const {steps} = plan(from, operations, {portable: true});
	return steps.flatMap(statementsOf).map((sql): Operation => ({kind: 'execute', sql, parameters: []}));
}

async function tried<T>(work: () => Promise<T>): Promise<{readonly result: T} | {readonly misfit: string}> {
	try {
		return {result: await work()};
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		return {misfit: error.message};
	}
}
