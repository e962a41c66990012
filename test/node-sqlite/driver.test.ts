import {expect, test} from 'vitest';
import {nativeOf} from '../../source/core/sqlite/connection.ts';
import {openInMemory} from '../../source/core/sqlite/open.ts';

test('these tests have a package better-sqlite3 that lite-migr cannot load, so they use node:sqlite', () => {
	const db = openInMemory();
	expect(nativeOf(db).driver.name).toBe('node:sqlite');
	db.close();
});
