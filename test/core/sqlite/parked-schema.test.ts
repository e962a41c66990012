import {expect, test} from 'vitest';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {memoryCopy} from '../../../source/core/sqlite/memory-copy.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';
import {parkedSchema} from '../../../source/core/sqlite/parked-schema.ts';

const statements = Array.from({length: 400}, (_, index) => [
	`CREATE TABLE t${index} (id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT UNIQUE, y REFERENCES t${index + 1})`,
	`CREATE INDEX i${index} ON t${index} (y)`,
]).flat();

test('objects that are created while rows are parked are the same, and the database is whole', () => {
	const [plain, parking] = [openInMemory(), openInMemory()];
	const parked = parkedSchema(parking);
	for (const db of [plain, parking]) db.exec('BEGIN');
	for (const sql of statements) {
		plain.exec(sql);
		parked.park();
		parking.exec(sql);
	}
	expect(parking.value('SELECT count(*) FROM sqlite_schema')).toBeLessThan(200);
	expect(() => parking.exec('CREATE TABLE t0 (x)')).toThrow('table t0 already exists');
	parked.restore();
	for (const db of [plain, parking]) db.exec('ALTER TABLE t7 ADD COLUMN z; DROP TABLE t8; INSERT INTO t9 (x) VALUES (1); COMMIT');
	const rows = 'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid';
	expect(parking.tuples(rows)).toEqual(plain.tuples(rows));
	expect(parking.value('PRAGMA integrity_check')).toBe('ok');
	for (const db of [plain, parking]) db.close();
});

test('a copy of a large schema is the same schema', () => {
	const db = openInMemory();
	for (const sql of [...statements, 'CREATE VIEW v AS SELECT x FROM t1', 'CREATE VIRTUAL TABLE f USING fts5(x)']) db.exec(sql);
	const schema = introspect(db);
	const copy = memoryCopy(schema);
	expect(introspect(copy)).toEqual(schema);
	expect(copy.value('PRAGMA integrity_check')).toBe('ok');
	for (const one of [db, copy]) one.close();
});
