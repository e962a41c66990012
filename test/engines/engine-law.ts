import type {Engine} from '../../source/core/engines/engine.ts';
import {openEngine} from '../../source/core/engines/open-engine.ts';
import {connect} from '../../source/core/sqlite/connection.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {currentDriver} from '../../source/core/sqlite/driver/choose.ts';
import {checkScript, type Outcome, type ScriptRunner} from '../laws/check-script.ts';
import type {Case} from '../laws/generate/case.ts';
import {statementsOf} from './contents.ts';
import type {Access} from './rigs.ts';

/** An empty database on a running server. */
export type StoppableAccess = Access & {readonly stop: () => Promise<void>};

/** The engine does not accept the schema that the script would change, such as an R-tree on D1. */
class Impossible extends Error {
	override readonly name = 'Impossible';
}

/** Copies a database to an engine, applies a script there, and copies the result back. */
function onEngine(engine: Engine): ScriptRunner {
	const run = async (db: Database, script: readonly string[]): Promise<Database> => {
		const before = await statementsOf(async (sql) => db.tuples(sql));
		db.close();
		const copied = await engine.apply(before);
		if (copied.kind !== 'committed') throw new Impossible(copied.error.message);
		const outcome = await engine.apply(script);
		if (outcome.kind !== 'committed') {
			// D1 would cut the statement into pieces, so nothing was sent.
			if (outcome.error.code === 'plan') throw new Impossible(outcome.error.message);
			if (outcome.error.message === 'not authorized' && script.some((sql) => /USING rtree/i.test(sql))) throw new Impossible(outcome.error.message);
			throw new Error(`${outcome.kind}: ${outcome.error.message}`);
		}
		const after = await statementsOf(async (sql) => (await engine.query([{sql}]))[0]?.rows ?? []);
		const native = currentDriver().open(':memory:');
		native.exec('PRAGMA trusted_schema = OFF');
		native.exec('PRAGMA foreign_keys = OFF');
		const result = connect(native, ':memory:');
		for (const sql of after) result.exec(sql);
		native.exec('PRAGMA foreign_keys = ON');
		return result;
	};
	return Object.assign(run, {hasOtherSqlite: true as const});
}

/** Checks that a guarded script gives the same schema and rows on a server as a local upgrade. Returns why not, if the server cannot have the schema. */
export async function checkOnServer(one: Case, start: () => Promise<StoppableAccess>): Promise<Outcome | {readonly impossible: string}> {
	const access = await start();
	const engine = await openEngine(access.target, access.options);
	try {
		const {foreignKeysOff, legacyAlterTable} = await engine.features();
		const writesOtherReals = (await textOfReal(engine)) !== '9.2233720368547758e+18';
		return await checkScript(one, Object.assign(onEngine(engine), {writesOtherReals}), {foreignKeysOff, legacyAlterTable});
	} catch (error) {
		if (!String(error).includes('Impossible') && !(error instanceof Impossible)) throw error;
		return {impossible: /Impossible: (.*)/.exec(String(error))?.[1] ?? String(error)};
	} finally {
		engine.close();
		await access.stop();
	}
}

/** Returns the text of a REAL that versions of SQLite write with different digits. */
async function textOfReal(engine: Engine): Promise<unknown> {
	const [result] = await engine.query([{sql: 'SELECT CAST(9223372036854775807.0 AS TEXT)'}]);
	return result?.rows[0]?.[0];
}
