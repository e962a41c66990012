import fc from 'fast-check';
import {afterAll, describe, expect, test} from 'vitest';
import type {Engine} from '../../source/core/engines/engine.ts';
import {openEngine} from '../../source/core/engines/open-engine.ts';
import {connect} from '../../source/core/sqlite/connection.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {nativeModule} from '../../source/core/sqlite/native.ts';
import {checkScript, type ScriptRunner} from '../laws/check-script.ts';
import {caseDice, caseFrom} from '../laws/generate/case.ts';
import {statementsOf} from './contents.ts';
import {type Access, type Cluster, startCluster, startD1, startRqlite, startSqld} from './rigs.ts';

const runs = Number(process.env.LAWS ?? 15);
const chosen = process.env.LAWS_SEED ?? (process.env.LAWS === undefined ? '20261130' : undefined);
const seed = chosen === undefined ? {} : {seed: Number(chosen)};

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
		const native = new (nativeModule())(':memory:');
		native.pragma('trusted_schema = OFF');
		native.pragma('foreign_keys = OFF');
		const result = connect(native, ':memory:');
		for (const sql of after) result.exec(sql);
		native.pragma('foreign_keys = ON');
		return result;
	};
	return Object.assign(run, {hasOtherSqlite: true as const});
}

type StoppableAccess = Access & {readonly stop: () => Promise<void>};

let cluster: Cluster | undefined;
let requests = 0;

afterAll(async () => cluster?.stop());

/** Empties a cluster of three nodes, which takes less time than starting one for each case. Returns access through each node in turn. */
async function emptyCluster(): Promise<StoppableAccess> {
	cluster ??= await startCluster();
	await cluster.empty();
	requests += 1;
	const access = cluster.nodes[requests % 3];
	if (access === undefined) throw new Error('the cluster has no nodes');
	return {...access, stop: async () => {}};
}

describe('a guarded script', () => {
	test.each<readonly [name: string, start: () => Promise<StoppableAccess>]>([
		['d1', startD1],
		['libsql', startSqld],
		['rqlite', () => startRqlite()],
		['rqlite with foreign keys on', () => startRqlite(['-fk'])],
		['rqlite, three nodes', emptyCluster],
	])(
		`gives the same schema and rows as a local upgrade, in ${runs} generated cases: %s`,
		async (_, start) => {
			const found = {kept: 0, refused: 0, orphans: 0, stopped: 0, unwritable: 0, impossible: 0};
			const impossible = new Set<string>();
			await fc.assert(
				fc.asyncProperty(caseDice, async (dice) => {
					const rig = await start();
					const engine = await openEngine(rig.target, rig.options);
					try {
						const {foreignKeysOff, legacyAlterTable} = await engine.features();
						found[await checkScript(caseFrom(dice), onEngine(engine), {foreignKeysOff, legacyAlterTable})] += 1;
					} catch (error) {
						if (!String(error).includes('Impossible') && !(error instanceof Impossible)) throw error;
						found.impossible += 1;
						impossible.add(/Impossible: (.*)/.exec(String(error))?.[1] ?? String(error));
					} finally {
						engine.close();
						await rig.stop();
					}
				}),
				{numRuns: runs, ...seed, endOnFailure: true},
			);
			if (process.env.LAWS !== undefined) console.info(found, impossible);
			expect(found.kept).toBeGreaterThan(runs / 3);
		},
		runs * 20_000 + 60_000,
	);
});
