import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {sameDefinitions} from './same-definitions.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const names = readdirSync(fixtures).filter((name) => name.endsWith('.prisma'));

describe('a Prisma schema gives the same tables as the migration that Prisma 7.10 writes for it', () => {
	test.each(names)('%s', (name) => {
		const sql = readFileSync(join(fixtures, name.replace(/prisma$/, 'sql')), 'utf8');
		const {expected, actual} = sameDefinitions(readFileSync(join(fixtures, name), 'utf8'), sql);
		expect(actual).toEqual(expected);
	});
});
