import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {openDatabase} from '../../../source/core/sqlite/open.ts';
import {lite} from '../../cli/lite.ts';

const models = `CREATE TABLE user (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	nick TEXT,
	email TEXT,
	zip TEXT
);
CREATE INDEX user_name ON user (name);
CREATE TABLE orders (
	id INTEGER PRIMARY KEY,
	user_id INTEGER REFERENCES user (id),
	note TEXT
);
CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);
`;

const newModels = `CREATE TABLE user (
	id INTEGER PRIMARY KEY,
	full_name TEXT NOT NULL,
	email TEXT NOT NULL,
	zip INTEGER,
	age INTEGER DEFAULT 0
);
CREATE INDEX user_name ON user (full_name);
CREATE TABLE orders (
	id INTEGER PRIMARY KEY,
	user_id INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
	note TEXT UNIQUE
);
CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, color TEXT);
`;

/** Creates a small shop whose models have changed: columns and tables are renamed, filled, dropped and added. The program itself sets it up. */
export async function shop(): Promise<{readonly folder: string; readonly remove: () => void}> {
	const folder = join(mkdtempSync(join(tmpdir(), 'lite-migr-')), 'shop');
	mkdirSync(join(folder, 'models'), {recursive: true});
	await must(folder, 'init');
	writeFileSync(join(folder, 'models/schema.sql'), models);
	await must(folder, 'create', 'start');
	await must(folder, 'upgrade', '--yes');
	fill(join(folder, 'app.db'));
	writeFileSync(join(folder, 'models/schema.sql'), newModels);
	return {folder, remove: () => rmSync(join(folder, '..'), {recursive: true})};
}

async function must(folder: string, ...argv: readonly string[]): Promise<void> {
	const {code, stderr} = await lite(folder, argv);
	if (code !== 0) throw new Error(`lite-migr ${argv.join(' ')} ended with ${code}: ${stderr}`);
}

/** Milliseconds that the orders take to insert at least. */
const msToFill = 150;

function fill(path: string): void {
	const db = openDatabase(path);
	const rows = (count: number): string => `WITH RECURSIVE i (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < ${count})`;
	const pick = (values: readonly string[], by: string): string =>
		`CASE ${by} ${values.map((value, index) => `WHEN ${index} THEN '${value}'`).join(' ')} END`;
	const first = pick(['Ann', 'Bob', 'Cleo', 'Dee', 'Eve', 'Finn', 'Gus'], 'i % 7');
	const last = pick(['Lee', 'Hart', 'Diaz', 'Fox', 'Gil'], 'i / 3 % 5');
	db.exec(`BEGIN;
		${rows(12_403)} INSERT INTO user (name, nick, email, zip)
			SELECT ${first} || ' ' || ${last}, iif(i % 3, lower(${first}) || i, NULL), iif(i % 302 = 17, NULL, lower(${first}) || i || '@example.com'), printf('%05d', 10000 + i * 7 % 89999 - iif(i % 4000 = 4, 9990, 0)) FROM i;
		${rows(88_112)} INSERT INTO legacy_log (line) SELECT 'line ' || i FROM i;
		UPDATE _lite_migr SET applied_at = datetime('now', '-3 days');
		COMMIT;`);
	// Enough orders for a copy of them that takes a moment, on any machine.
	const started = performance.now();
	for (let first = 0; first === 0 || performance.now() - started < msToFill; first += 900_000)
		db.exec(`${rows(900_000)} INSERT INTO orders (user_id, note) SELECT 1 + i % 12403, 'order ' || (${first} + i) FROM i`);
	db.close();
}
