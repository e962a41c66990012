import {expect, test} from 'vitest';
import {openInMemory} from '../../../source/core/sqlite/open.ts';
import {browsedObjects} from '../../../source/ui/engine/browse.ts';

test('a table that is looked at shows its keys and indexes as they are defined', () => {
	const db = openInMemory();
	db.exec(`CREATE TABLE t (a TEXT, b INTEGER, PRIMARY KEY (a, b DESC), UNIQUE (b, a COLLATE NOCASE)) WITHOUT ROWID;
		CREATE UNIQUE INDEX i ON t (lower(a), b DESC) WHERE b > 0`);
	const [table] = browsedObjects(db);
	expect(table?.constraints).toEqual(['primary key (a, b DESC)', 'unique (b, a COLLATE NOCASE)']);
	expect(table?.indexes).toEqual(['unique i (lower(a), b DESC) WHERE b > 0']);
	db.close();
});
