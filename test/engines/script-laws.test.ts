import fc from 'fast-check';
import {afterAll, describe, expect, test} from 'vitest';
import {caseDice, caseFrom} from '../laws/generate/case.ts';
import {checkOnServer, type StoppableAccess} from './engine-law.ts';
import {type Access, type Cluster, type Rig, spareDatabases, startCluster, startD1, startRqlite, startSqld} from './rigs.ts';

const runs = Number(process.env.LAWS ?? 15);
const chosen = process.env.LAWS_SEED ?? (process.env.LAWS === undefined ? '20261130' : undefined);
const seed = chosen === undefined ? {} : {seed: Number(chosen)};

let cluster: Cluster | undefined;
let d1: Rig | undefined;
let nextD1: (() => Access) | undefined;
let requests = 0;

afterAll(async () => {
	await cluster?.stop();
	await d1?.stop();
});

async function spareD1(): Promise<StoppableAccess> {
	d1 ??= await startD1();
	nextD1 ??= spareDatabases(d1);
	return {...nextD1(), stop: async () => {}};
}

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
		['d1', spareD1],
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
					const outcome = await checkOnServer(caseFrom(dice), start);
					if (typeof outcome === 'string') found[outcome] += 1;
					else {
						found.impossible += 1;
						impossible.add(outcome.impossible);
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
