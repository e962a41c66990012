import {describe, expect, test} from 'vitest';
import {matchRows, type RowBefore, type RowNow} from '../../../../source/core/migrations/effects/match-rows.ts';
import type {SqlValue} from '../../../../source/core/operations/operation.ts';

type Table = Readonly<Record<number, readonly SqlValue[]>>;

/** The rows that differ between two tables whose keys are numbers. */
function matched(before: Table, now: Table, isUpdate = false, isWhole = false) {
	const isSame = (key: string) => JSON.stringify(before[Number(key)]) === JSON.stringify(now[Number(key)]);
	const old = Object.entries(before).filter(([key]) => !isSame(key));
	const is = Object.entries(now).filter(([key]) => !isSame(key));
	const rowsBefore = old.map(([key, content]): RowBefore => ({counterpart: key in now ? key : null, content}));
	const rowsNow = is.map(([key, content]): RowNow => ({id: key, content}));
	const {gone, valuesGone, ...rest} = matchRows(rowsBefore, rowsNow, {width: 2, isUpdate, isWhole});
	return {...rest, gone: gone.map((index) => old[index]?.[0]), valuesGone: valuesGone.map((rows) => rows.map((index) => old[index]?.[0]))};
}

describe('rows that differ', () => {
	test('count as deleted if no row has their content', () => {
		expect(matched({1: ['a', 1], 2: ['b', 2]}, {2: ['b', 2]})).toMatchObject({gone: ['1'], added: 0});
	});

	test('have another key if exactly one row has their content', () => {
		expect(matched({1: ['a', 1], 2: ['b', 2], 3: ['c', 3]}, {1: ['b', 2], 2: ['c', 3]})).toMatchObject({gone: ['1'], added: 0, valuesGone: [[], []]});
	});

	test('are matched by key, unless matching them by content loses or changes less', () => {
		expect(matched({1: ['x', 1], 2: ['y', 1]}, {2: ['x', 1]})).toMatchObject({gone: ['1'], valuesChanged: [1, 0]});
	});

	test('are ambiguous if several rows have their content', () => {
		expect(matched({1: ['a', 1], 2: ['a', 1]}, {3: ['a', 1], 4: ['a', 1]})).toMatchObject({gone: ['1', '2'], added: 2, isAmbiguous: true});
	});

	test('are the same if their content is the whole row', () => {
		expect(matched({1: ['a', 1], 2: ['a', 1]}, {3: ['a', 1], 4: ['a', 1]}, false, true)).toMatchObject({gone: [], added: 0});
		expect(matched({1: ['a', 1], 2: ['a', 1]}, {3: ['a', 1]}, false, true)).toMatchObject({gone: ['2'], added: 0});
	});

	test('only have other keys if plain UPDATE statements wrote them and their number is the same', () => {
		expect(matched({1: ['a', 1], 2: ['a', 1]}, {3: ['a', 1], 4: ['a', 1]}, true)).toMatchObject({gone: [], added: 0, changed: 2});
	});

	test('lose the values that became NULL, even under other keys', () => {
		expect(matched({1: ['a', 1], 2: ['a', 1]}, {3: [null, 1], 4: ['a', 1]}, true)).toMatchObject({gone: [], valuesGone: [['2'], []]});
		expect(matched({1: ['a', 1], 2: ['', 1]}, {1: [null, 1], 2: [null, 1]})).toMatchObject({
			gone: [],
			valuesGone: [['1'], []],
			valuesChanged: [1, 0],
		});
	});

	test('report a value that became NULL even if another row received a value', () => {
		expect(matched({1: ['a', 1], 2: [null, 1]}, {3: [null, 1], 4: ['b', 1]}, true).valuesGone[0]).toHaveLength(1);
	});

	test('do not match if their values differ only in type', () => {
		expect(matched({1: ['5', 1]}, {2: [5, 1]})).toMatchObject({gone: ['1'], added: 1});
	});
});
