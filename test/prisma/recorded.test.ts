import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {prismaSql} from './engine.ts';

const fixtures = join(import.meta.dirname, '../core/models/prisma/fixtures');

test.each(readdirSync(fixtures).filter((name) => name.endsWith('.prisma')))('the recorded SQL of %s is what Prisma Migrate writes', async (name) => {
	const sql = await prismaSql(readFileSync(join(fixtures, name), 'utf8'));
	const file = join(fixtures, name.replace(/prisma$/, 'sql'));
	if (process.env.RECORD !== undefined) writeFileSync(file, sql);
	expect(readFileSync(file, 'utf8')).toBe(sql);
});
