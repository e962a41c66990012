import {expect, test} from 'vitest';
import {rememberedNames} from '../../../../source/core/migrations/backup/folder-names.ts';

test('names are found by everything that may be the name of the database, and each folder is read once', () => {
	let reads = 0;
	const names = rememberedNames((folder) => {
		reads++;
		return folder === 'a' ? ['shop-20261122T175203-names.db', 'shop-20261122T175203-20261123T000000.db', 'other.txt'] : [];
	});
	expect(names.ofStem('a', 'shop')).toEqual(['shop-20261122T175203-names.db', 'shop-20261122T175203-20261123T000000.db']);
	expect(names.ofStem('a', 'shop-20261122T175203')).toEqual(['shop-20261122T175203-20261123T000000.db']);
	expect([names.has('a', 'OTHER.txt'), names.has('a', 'missing.txt')]).toEqual([true, false]);
	expect(names.ofStem('b', 'shop')).toEqual([]);
	expect(reads).toBe(2);
});

test('backups that are taken and removed are added and removed', () => {
	const names = rememberedNames(() => ['shop-20261122T175203.db']);
	names.add('a', 'shop-20261122T175204.db');
	expect(names.ofStem('a', 'shop')).toEqual(['shop-20261122T175203.db', 'shop-20261122T175204.db']);
	names.remove('a', 'shop-20261122T175203.db');
	expect(names.ofStem('a', 'shop')).toEqual(['shop-20261122T175204.db']);
	expect(names.has('a', 'shop-20261122T175203.db')).toBe(false);
});
