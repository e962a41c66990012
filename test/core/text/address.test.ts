import {expect, test} from 'vitest';
import {addressed, addressOf} from '../../../source/core/text/address.ts';

test('suggested commands name the same project and database as the command line', () => {
	const address = addressOf({config: 'other/my.toml', db: "ten ants/o'neil.db"});
	expect(address).toBe(" --config other/my.toml --db 'ten ants/o'\\''neil.db'");
	expect(addressed('lite-migr upgrade --yes does it; lite-migr restore has them', ' --db a.db')).toBe(
		'lite-migr upgrade --db a.db --yes does it; lite-migr restore --db a.db has them',
	);
	expect(addressed('lite-migr help create, lite-migr init, lite-migr 1.0.0, lite-migr upgrades', ' --db a.db')).toBe(
		'lite-migr help create, lite-migr init, lite-migr 1.0.0, lite-migr upgrades',
	);
});

test('a path is passed on unchanged, regardless of its characters', () => {
	expect(addressed('lite-migr status', addressOf({db: '$&$1.db'}))).toBe("lite-migr status --db '$&$1.db'");
	expect(addressOf({db: '-x.db'})).toBe(' --db=-x.db');
	expect(addressOf({db: 'a\u001b[2J.db'})).toBe(" --db $'a\\x1b[2J.db'");
});

test('a text is unchanged without flags', () => {
	expect(addressed('lite-migr upgrade', addressOf({}))).toBe('lite-migr upgrade');
});
