import {expect, test} from 'vitest';
import {expectWhole, leftovers, stateOf} from '../faults/database-state.ts';
import {rewriteProject} from '../faults/rewrite-project.ts';
import {signalledAt} from '../faults/signalled.ts';

const project = rewriteProject({rows: 1000});

test.each(['delete', 'wal'] as const)('pitfall 24: a run that is killed in its transaction leaves no lock (journal_mode=%s)', async (journal) => {
	const copy = project.copy(journal);
	expect((await signalledAt(copy, 'event', 8, 'SIGKILL', ['upgrade', '--json', '--no-backup'])).code).toBe(null);
	expect(await copy.lite('upgrade', '--wait', '0')).toMatchObject({code: 0, stderr: ''});
	expectWhole(copy.file, {new: project.contents.new});
	expect(leftovers(copy.file)).toEqual([]);
});

test('pitfall 24: a run that is killed outside a transaction leaves no lock', async () => {
	const copy = project.copy();
	const alone = (code: string) =>
		`export const transaction = false;\nexport function upgrade(op) { op.execute('CREATE TABLE IF NOT EXISTS alone (x)'); op.run(() => { ${code} }); }\n`;
	copy.write(
		'migrations/20260103_000000_alone.ts',
		alone("if (globalThis.wasTried) process.kill(process.pid, 'SIGKILL'); globalThis.wasTried = true;"),
	);
	// The run is tried on a copy first, in the same process, and killed only on the database itself.
	expect((await copy.builtLite('upgrade', '--yes')).code).toBe(null);
	expect(JSON.parse((await copy.lite('status', '--json')).stdout)).toMatchObject({pending: [{name: '20260103_000000_alone'}]});
	copy.write('migrations/20260103_000000_alone.ts', alone(''));
	expect(await copy.lite('upgrade', '--wait', '0')).toMatchObject({code: 0, stderr: ''});
	expect(stateOf(copy.file)).toMatchObject({damage: [], contents: expect.stringContaining('alone: 0 rows')});
	expect(leftovers(copy.file)).toEqual([]);
});
