import {expect, test} from 'vitest';
import type {ApplyEvent, ProgressEvent} from '../../source/core/migrations/event.ts';
import {rewriteProject} from '../faults/rewrite-project.ts';

// Small pages, so the copy of a backup takes several portions.
const project = rewriteProject({rows: 100_000, pageSize: 512});

test('pitfall 32: a copy of rows, an index, a check of rows and a backup report their progress and the total', async () => {
	const copy = project.copy();
	copy.write(
		'migrations/20260103_000000_check.ts',
		"export function upgrade(op) { op.changeTable('item', 'CREATE TABLE item (id INTEGER PRIMARY KEY AUTOINCREMENT, owner_id INTEGER REFERENCES owner(id) ON DELETE CASCADE, name TEXT, price INTEGER CHECK (price >= 0))'); }\n",
	);
	const {code, stdout} = await copy.lite('upgrade', '--json');
	expect(code).toBe(0);
	const events = stdout
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as ApplyEvent);

	const progress = (migration: string, phase: ProgressEvent['phase']) =>
		events.filter((event): event is ProgressEvent => event.type === 'progress' && event.phase === phase && event.migration === migration);
	const copied = progress('20260101_000000_price', 'copy');
	expect(copied.length).toBeGreaterThanOrEqual(3);
	expect(copied.map(({total}) => total)).toEqual(copied.map(() => 100_000));
	expect(copied.map(({done}) => done)).toEqual([...new Set(copied.map(({done}) => done))].toSorted((a, b) => a - b));
	expect(copied.at(-1)?.done).toBe(100_000);
	for (const [migration, phase] of [
		['20260101_000000_price', 'index'],
		['20260103_000000_check', 'scan'],
	] as const) {
		const reported = progress(migration, phase);
		expect(reported.length).toBeGreaterThanOrEqual(2);
		expect(reported[0]).toMatchObject({done: 0, total: 100_000});
		expect(reported.at(-1)).toMatchObject({done: 100_000, total: 100_000});
	}

	const backup = events.filter((event) => event.type === 'backup');
	expect(backup.length).toBeGreaterThanOrEqual(4);
	const [total] = backup.map(({pagesTotal}) => pagesTotal);
	expect(total).toBeGreaterThan(4000);
	expect(backup.map(({pagesTotal}) => pagesTotal)).toEqual(backup.map(() => total));
	expect(backup.at(-1)).toMatchObject({state: 'done', pagesDone: total});
});
