import {expect, test} from 'vitest';
import {fingerprint} from '../../../../source/core/migrations/fleet/fingerprint.ts';
import {introspect} from '../../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../../source/core/sqlite/open.ts';

function fingerprintOf(sql: string): string {
	const db = openInMemory();
	try {
		db.exec(sql);
		return fingerprint(introspect(db));
	} finally {
		db.close();
	}
}

const table = 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);';

test('schemas that differ only in spelling, order and bookkeeping have the same fingerprint', () => {
	const other = `CREATE TABLE _lite_migr (id INTEGER PRIMARY KEY, name TEXT, applied_at TEXT); CREATE INDEX b ON "user"("name"); create table   post (a);`;
	expect(fingerprintOf(`create table "user" ( id integer primary key , "name" text ); ${other}`)).toBe(
		fingerprintOf(`CREATE TABLE post(a); ${table} CREATE INDEX b ON user (name);`),
	);
});

test('every kind of object makes a difference', () => {
	const variants = [
		'',
		table,
		'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL);',
		`${table} CREATE INDEX i ON user (name);`,
		`${table} CREATE UNIQUE INDEX i ON user (name);`,
		`${table} CREATE VIEW v AS SELECT 1;`,
		`${table} CREATE VIEW v AS SELECT 2;`,
		`${table} CREATE TRIGGER t AFTER INSERT ON user BEGIN SELECT 1; END;`,
		`${table} CREATE VIRTUAL TABLE f USING fts5(a);`,
	];
	expect(new Set(variants.map(fingerprintOf)).size).toBe(variants.length);
});
