import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {introspect} from '../../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../../source/core/sqlite/open.ts';
import {project, statements} from './project.ts';

// All versions from 0.29 to 1.0 are compared with their own drizzle-kit in test/packages.

describe('drizzle-orm 0.29', () => {
	const sqlOf = async (version: 0 | 0.29, file: string): Promise<readonly string[]> => {
		const folder = project(version, {[file]: undefined});
		return (await statements(folder, file)).map(({sql}) => sql);
	};

	test.each(['shop-029.ts', 'expressions-029.ts'])('gives the same statements as 0.45 for the same file: %s', async (file) => {
		expect(await sqlOf(0.29, file)).toEqual(await sqlOf(0, file));
	});

	test('writes columns in indexes and checks without their table, so SQLite accepts them', async () => {
		const db = openInMemory();
		try {
			for (const sql of await sqlOf(0.29, 'expressions-029.ts')) db.exec(sql);
			expect(
				introspect(db)
					.indexes.map(({name}) => name)
					.sort(),
			).toEqual(['person_folded', 'person_free', 'person_newest', 'person_recent', 'person_some']);
		} finally {
			db.close();
		}
	});

	test('reports a column without a name, which later versions name after its key', async () => {
		const text =
			"import {integer, sqliteTable} from 'drizzle-orm/sqlite-core';\nexport const item = sqliteTable('item', {id: integer('id'), count: integer()});\n";
		const folder = project(0.29, {'item.ts': text});
		await expect(statements(folder, 'item.ts')).rejects.toMatchObject({
			code: 'model',
			message: 'item: column count has no name, and drizzle-orm 0.29.5 does not use its key',
			hint: "write the name as the first argument, such as 'count', or update drizzle-orm",
			location: {file: join(folder, 'item.ts'), line: 2},
		});
	});
});
