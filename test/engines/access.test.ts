import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import type {EngineOptions} from '../../source/core/engines/engine.ts';
import {openEngine} from '../../source/core/engines/open-engine.ts';
import type {RemoteTarget} from '../../source/core/engines/parse-target.ts';
import {type Access, newFolder, startCluster, startD1, startRqlite, startSqld} from './rigs.ts';

/** Returns the errors of a query and a batch. */
async function refusals(target: RemoteTarget, options: EngineOptions): Promise<readonly unknown[]> {
	const engine = await openEngine(target, options);
	try {
		const outcome = await engine.apply(['CREATE TABLE x (a)']);
		return [
			outcome,
			await engine.query([{sql: 'SELECT 1'}]).then(
				() => 'answered',
				(error: unknown) => error,
			),
		];
	} finally {
		engine.close();
	}
}

const refusedAccess = (hint: string) => {
	const error = {code: 'config', message: expect.stringMatching(/refused access/), hint: expect.stringContaining(hint)};
	return [{kind: 'failed', error}, error];
};

test('d1 refuses a wrong token and an unknown database', async () => {
	const rig = await startD1();
	try {
		const {environment} = rig.options;
		const wrong = await refusals(rig.target, {...rig.options, environment: {...environment, CLOUDFLARE_API_TOKEN: 'wrong-secret'}});
		expect(wrong).toMatchObject(refusedAccess('CLOUDFLARE_API_TOKEN'));
		expect(JSON.stringify(wrong)).not.toContain('wrong-secret');
		const missing = {code: 'config', message: expect.stringContaining('d1 shop does not exist')};
		expect(await refusals(rig.target, {...rig.options, environment: {...environment, CLOUDFLARE_ACCOUNT_ID: 'other'}})).toMatchObject([
			{kind: 'failed', error: missing},
			missing,
		]);
	} finally {
		await rig.stop();
	}
});

test('libsql refuses a wrong token', async () => {
	// Basic authentication is all that sqld offers without a key pair. The header of a wrong token is refused in the same way.
	const rig = await startSqld(['--http-auth', `basic:${Buffer.from('user:password').toString('base64')}`]);
	try {
		const wrong = await refusals(rig.target, {...rig.options, environment: {LIBSQL_AUTH_TOKEN: 'wrong-secret'}});
		expect(wrong).toMatchObject(refusedAccess('LIBSQL_AUTH_TOKEN'));
		expect(JSON.stringify(wrong)).not.toContain('wrong-secret');
	} finally {
		await rig.stop();
	}
});

test('rqlite refuses a wrong password and accepts the right one', async () => {
	const folder = newFolder();
	const users = join(folder, 'users.json');
	writeFileSync(users, JSON.stringify([{username: 'ann', password: 'right-secret', perms: ['all']}]));
	const rig = await startRqlite(['-auth', users], {RQLITE_USER: 'ann', RQLITE_PASSWORD: 'right-secret'});
	try {
		const wrong = await refusals(rig.target, {...rig.options, environment: {RQLITE_USER: 'ann', RQLITE_PASSWORD: 'wrong-secret'}});
		expect(wrong).toMatchObject(refusedAccess('RQLITE_PASSWORD'));
		expect(JSON.stringify(wrong)).not.toMatch(/secret/);
		expect(await refusals(rig.target, rig.options)).toMatchObject([{kind: 'committed'}, 'answered']);
	} finally {
		await rig.stop();
	}
});

test('rqlite with foreign keys on does not claim to switch them off', async () => {
	const rig = await startRqlite(['-fk']);
	const engine = await openEngine(rig.target, rig.options);
	try {
		expect(await engine.features()).toMatchObject({foreignKeysOff: false});
		expect(
			await engine.apply([
				'CREATE TABLE parent (id INTEGER PRIMARY KEY)',
				'CREATE TABLE child (parent_id INTEGER REFERENCES parent (id) ON DELETE CASCADE)',
				'INSERT INTO parent VALUES (1)',
				'INSERT INTO child VALUES (1)',
				'DELETE FROM parent',
			]),
		).toEqual({kind: 'committed'});
		expect((await engine.query([{sql: 'SELECT count(*) FROM child'}]))[0]?.rows).toEqual([[0]]);
	} finally {
		engine.close();
		await rig.stop();
	}
});

test('an rqlite cluster whose leader is killed still applies a batch once, through any node', async () => {
	const cluster = await startCluster();
	const leader = await cluster.leader();
	const {target, options} = cluster.nodes.find((_, node) => node !== leader) as Access;
	const engine = await openEngine(target, options);
	try {
		expect(await engine.apply(['CREATE TABLE t (x)', 'INSERT INTO t VALUES (0)'])).toEqual({kind: 'committed'});
		const first = engine.apply(['INSERT INTO t VALUES (1)']);
		await cluster.kill(leader);
		const outcomes = [await first];
		// The election takes some seconds. A batch that failed changed nothing, so it may be sent again.
		for (let attempt = 0; attempt < 20 && outcomes.at(-1)?.kind !== 'committed'; attempt += 1) {
			outcomes.push(await engine.apply(['INSERT INTO t VALUES (2)']));
		}
		expect(outcomes.at(-1)).toEqual({kind: 'committed'});
		const rows = (await engine.query([{sql: 'SELECT x FROM t ORDER BY x'}]))[0]?.rows.flat() ?? [];
		const sent = outcomes.map(({kind}, index) => ({kind, value: index === 0 ? 1 : 2}));
		for (const value of [1, 2]) {
			const stored = rows.filter((row) => row === value).length;
			const certain = sent.filter((batch) => batch.value === value && batch.kind === 'committed').length;
			const unclear = sent.filter((batch) => batch.value === value && batch.kind === 'unknown').length;
			expect(stored).toBeGreaterThanOrEqual(certain);
			expect(stored).toBeLessThanOrEqual(certain + unclear);
		}
	} finally {
		engine.close();
		await cluster.stop();
	}
});
