import {rmSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {type DatabaseState, expectWhole, leftovers, stateOf} from './database-state.ts';
import {rewriteProject} from './rewrite-project.ts';

const project = rewriteProject({rows: 3000});
const eight = Array.from({length: 8});
const upgrade = ['upgrade', '--json', '--wait', '600'];

function ends(outputs: readonly {readonly stdout: string}[]): readonly {readonly type: string; readonly applied: readonly unknown[]}[] {
	return outputs.map(({stdout}) => JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}

describe('eight upgrades at once', () => {
	test.each(['delete', 'wal'] as const)('apply everything once, take one backup, and all succeed (journal_mode=%s)', async (journal) => {
		const copy = project.copy(journal);
		const runs = await Promise.all(eight.map(() => copy.builtLite(...upgrade)));
		expect(runs.map(({code, stderr}) => ({code, stderr}))).toEqual(eight.map(() => ({code: 0, stderr: ''})));
		expect(
			ends(runs)
				.map(({type, applied}) => `${type} ${applied.length}`)
				.sort(),
		).toEqual(['done 0', 'done 0', 'done 0', 'done 0', 'done 0', 'done 0', 'done 0', 'done 2']);
		expectWhole(copy.file, {new: project.contents.new});
		expect(leftovers(copy.file)).toEqual([]);
		expect(copy.files('backups')).toHaveLength(1);
	});

	test.each([true, false])('create a new database only once (transaction = %s)', async (transaction) => {
		const copy = project.copy();
		rmSync(copy.file);
		copy.remove('migrations/20260102_000000_city.ts');
		copy.write(
			'migrations/20260101_000000_price.ts',
			`export const transaction = ${transaction};
			export function upgrade(op) {
				op.createTable('CREATE TABLE t (x)');
				op.execute('INSERT INTO t VALUES (1)');
				${transaction ? '' : 'op.run(() => new Promise((resolve) => setTimeout(resolve, 400)));'}
			}`,
		);
		const runs = await Promise.all(eight.map(() => copy.builtLite(...upgrade)));
		expect(runs.map(({code, stderr}) => ({code, stderr}))).toEqual(eight.map(() => ({code: 0, stderr: ''})));
		const state: DatabaseState = stateOf(copy.file);
		expect(state.damage).toEqual([]);
		expect(state.contents).toContain('t: 1 rows');
		expect(state.contents).toContain('_lite_migr: 1 rows');
		expect(leftovers(copy.file)).toEqual([]);
	});
});
