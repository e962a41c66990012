import fc from 'fast-check';
import {expect, test} from 'vitest';
import {ObjectList} from '../../../source/core/schema/object-list.ts';

interface Item {
	readonly name: string;
	readonly table: string;
	readonly id: number;
}

const changes = fc.array(
	fc.record({
		kind: fc.constantFrom('add', 'add', 'replace', 'rename', 'move', 'remove'),
		at: fc.nat(1000),
		table: fc.constantFrom('a', 'B', 'c'),
	}),
	{minLength: 1, maxLength: 300},
);

test('a list after any changes finds what an array finds, in the same order', () => {
	fc.assert(
		fc.property(fc.nat(200), changes, (length, list) => {
			let expected: readonly Item[] = Array.from({length}, (_, id) => ({name: `Item${id}`, table: ['a', 'b', 'C'][id % 3] as string, id}));
			let objects = new ObjectList(expected);
			let next = length;
			const kept: {readonly objects: ObjectList<Item>; readonly expected: readonly Item[]}[] = [];
			for (const {kind, at, table} of list) {
				const old = kind === 'add' ? undefined : expected[at % Math.max(1, expected.length)];
				const id = next++;
				const renamed = {name: `item${id}`, table: old?.table ?? table, id};
				const now =
					kind === 'remove' ? undefined : kind === 'replace' && old !== undefined ? {...old, id} : kind === 'move' ? {...renamed, table} : renamed;
				if (kind === 'remove' && old === undefined) continue;
				kept.push({objects, expected});
				// Another list from the same one does not change this one.
				if (at % 5 === 0) kept.push({objects: objects.replaced(undefined, renamed), expected: expected.concat(renamed)});
				expected = old === undefined ? expected.concat(now ?? []) : expected.flatMap((item) => (item === old ? (now ?? []) : item));
				objects = objects.replaced(old, now);
				if (at % 7 === 0) expect(objects.array).toEqual(expected);
				const probe = old ?? now;
				if (probe === undefined) continue;
				const found = expected.find(({name}) => name.toLowerCase() === probe.name.toLowerCase());
				expect(objects.find(probe.name.toUpperCase())).toBe(found);
				expect(objects.on(probe.table)).toEqual(expected.filter((item) => item.table.toLowerCase() === probe.table.toLowerCase()));
			}
			expect(objects.array).toEqual(expected);
			for (const [index, before] of kept.entries()) {
				if (index % 11 === 0) expect(before.objects.array).toEqual(before.expected);
				const probe = before.expected[index % Math.max(1, before.expected.length)];
				if (probe !== undefined)
					expect(before.objects.find(probe.name)).toBe(before.expected.find(({name}) => name.toLowerCase() === probe.name.toLowerCase()));
				expect(before.objects.on('a')).toEqual(before.expected.filter((item) => item.table === 'a'));
			}
		}),
		{numRuns: 200, seed: 20261130},
	);
});
