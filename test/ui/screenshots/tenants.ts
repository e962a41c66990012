import {copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {openDatabase} from '../../../source/core/sqlite/open.ts';
import {lite} from '../../cli/lite.ts';

const model = (columns: string): string => `CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, ${columns});\n`;

/** Creates 400 databases of tenants with a pending migration that drops a column. Three of them cannot be changed. */
export async function tenants(): Promise<{readonly folder: string; readonly remove: () => void}> {
	const folder = join(mkdtempSync(join(tmpdir(), 'lite-migr-')), 'shop');
	mkdirSync(join(folder, 'models'), {recursive: true});
	mkdirSync(join(folder, 'tenants'));
	const run = async (...argv: readonly string[]): Promise<void> => {
		const {code, stderr} = await lite(folder, argv);
		if (code !== 0) throw new Error(`lite-migr ${argv.join(' ')} ended with ${code}: ${stderr}`);
	};
	await run('init');
	writeFileSync(join(folder, 'models/schema.sql'), model('mail TEXT, fax TEXT'));
	await run('create', 'start');
	const file = (number: number): string => join(folder, `tenants/${String(number).padStart(4, '0')}.db`);
	await run('upgrade', '--db', 'tenants/0001.db');
	const work = (number: number, sql: string): void => {
		const db = openDatabase(file(number));
		db.exec(sql);
		db.close();
	};
	work(
		1,
		`WITH RECURSIVE i (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 3000) INSERT INTO customer SELECT i, 'Ann', 'ann' || i || '@example.com', i % 7 FROM i`,
	);
	for (let number = 2; number <= 400; number++) copyFileSync(file(1), file(number));
	writeFileSync(join(folder, 'models/schema.sql'), model('mail TEXT UNIQUE'));
	await run('create', 'mails', '--drop', 'customer.fax', '--db', 'tenants/0001.db');
	work(120, "UPDATE customer SET mail = 'ann1@example.com' WHERE id = 2");
	work(271, 'CREATE TABLE by_hand (x)');
	writeFileSync(file(306), 'not a database, but some text');
	return {folder, remove: () => rmSync(join(folder, '..'), {recursive: true})};
}
