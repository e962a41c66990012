import {describe, expect, test} from 'vitest';
import {resolveName} from '../../../../source/core/migrations/history/select.ts';
import {thrownBy} from '../../sqlite/temporary-folder.ts';

describe('a migration name on the command line', () => {
	const names = ['20240101_000000_users', '20240102_000000_orders', '20240103_000000_more_orders', '0007_add'];

	test.each([
		['20240101_000000_users', '20240101_000000_users'],
		['20240101_000000_users.ts', '20240101_000000_users'],
		['users', '20240101_000000_users'],
		['20240102_000000', '20240102_000000_orders'],
		['more_orders', '20240103_000000_more_orders'],
		['0007', '0007_add'],
	])('%s resolves to %s', (requested, name) => {
		expect(resolveName(requested, names)).toBe(name);
	});

	test('is an error if it is ambiguous or unknown, with suggestions', async () => {
		expect(await thrownBy(() => resolveName('orders', names))).toMatchObject({
			code: 'usage',
			details: ['20240102_000000_orders', '20240103_000000_more_orders'],
		});
		expect((await thrownBy(() => resolveName('20240101_000000_user', names))).hint).toContain('20240101_000000_users');
	});
});
