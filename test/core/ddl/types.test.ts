import {expect, test} from 'vitest';
import {readTable} from '../../../source/core/ddl/read.ts';
import {renderTable} from '../../../source/core/ddl/render.ts';
import {MigrError} from '../../../source/core/errors.ts';
import {sameTable} from '../../../source/core/schema/equality.ts';
import type {Table} from '../../../source/core/schema/schema.ts';

const parts = ['int', 'generated', 'always', 'create', 'CREATEALWAYS', 'é', '\ufeff', ' ', '\n', '/* c */', '-- c\n', '"generated always"', '[a b]'];

function read(sql: string): Table | undefined {
	try {
		return readTable(sql);
	} catch (error) {
		if (error instanceof MigrError && error.code === 'syntax') return undefined;
		throw error;
	}
}

/** All texts of up to `count` parts. */
function* texts(count: number, before = ''): Generator<string> {
	yield before;
	if (count > 0) for (const part of parts) yield* texts(count - 1, before + part);
}

test.each(['', ' AS (1)'])('every declared type that can be read is rendered the way it was read: %j after it', (after) => {
	const changed: string[] = [];
	let tables = 0;
	for (const type of texts(4)) {
		const table = read(`CREATE TABLE t (b ${type}${after})`);
		if (table === undefined) continue;
		tables += 1;
		const rendered = read(renderTable(table));
		if (rendered === undefined || !sameTable(rendered, table)) changed.push(type);
	}

	expect(changed).toEqual([]);
	expect(tables).toBeGreaterThan(20_000);
});
