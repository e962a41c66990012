import {copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll} from 'vitest';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {lite} from '../cli/lite.ts';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';
import {stateOf} from './database-state.ts';

export type JournalMode = 'delete' | 'wal';

export interface RewriteCopy extends ProjectFolder {
	/** The database. */
	readonly file: string;
	remove(file: string): void;
}

/** A project that each test gets a copy of. It has a large table with everything a rewrite could lose, and two pending migrations. */
export interface RewriteProject {
	/** The contents of the database before and after the upgrade. */
	readonly contents: {readonly old: string; readonly new: string};
	copy(journal?: JournalMode): RewriteCopy;
}

export const migrations = {
	'20260101_000000_price.ts': `export function upgrade(op) {
	op.changeTable('item', \`CREATE TABLE item (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		owner_id INTEGER REFERENCES owner(id) ON DELETE CASCADE,
		name TEXT,
		price INTEGER
	)\`);
	op.createIndex('CREATE INDEX item_price ON item(price)');
}
export function downgrade(op) {
	op.dropIndex('item_price');
	op.changeTable('item', 'CREATE TABLE item (id INTEGER PRIMARY KEY AUTOINCREMENT, owner_id INTEGER REFERENCES owner(id) ON DELETE CASCADE, name TEXT, price TEXT)');
}
`,
	'20260102_000000_city.ts': `export function upgrade(op) {
	op.addColumn('owner', 'city TEXT');
	op.execute("UPDATE owner SET city = 'Rome' WHERE id < 3");
	op.run(({db}) => { db.prepare('INSERT INTO log (text) VALUES (?)').run('moved'); });
	op.renameColumn('owner', 'name', 'full_name');
}
`,
} as const;

const schema = `
	CREATE TABLE owner (id INTEGER PRIMARY KEY, name TEXT);
	CREATE TABLE item (id INTEGER PRIMARY KEY AUTOINCREMENT, owner_id INTEGER REFERENCES owner(id) ON DELETE CASCADE, name TEXT, price TEXT);
	CREATE TABLE note (id INTEGER PRIMARY KEY, item_id INTEGER REFERENCES item(id) ON DELETE CASCADE, text TEXT);
	CREATE TABLE log (text TEXT);
	CREATE INDEX item_name ON item(name);
	CREATE VIEW expensive AS SELECT item.id, owner.name AS owner FROM item JOIN owner ON owner.id = item.owner_id WHERE price > 50;
	CREATE TRIGGER item_gone AFTER DELETE ON item BEGIN INSERT INTO log (text) VALUES ('gone ' || old.id); END;
`;

function fill(rows: number): string {
	const numbers = (count: number) => `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ${count})`;
	return `
		INSERT INTO owner VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Cy');
		${numbers(rows)} INSERT INTO item SELECT i, i % 3 + 1, 'item ' || (i * 7919 % 100003), i FROM n;
		INSERT INTO item VALUES (${rows * 10}, 1, 'last', 5); DELETE FROM item WHERE id = ${rows * 10}; DELETE FROM log;
		${numbers(rows / 10)} INSERT INTO note SELECT i, i, 'note ' || i FROM n;
	`;
}

/** Creates the project once per test file, and upgrades it once to get the expected result. */
export function rewriteProject({rows = 100_000, pageSize = 4096} = {}): RewriteProject {
	let folder = '';
	const contents = {old: '', new: ''};
	const base = () => join(folder, 'base.db');
	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), 'lite-migr-'));
		const db = openDatabase(base(), {create: true});
		db.exec(`PRAGMA page_size = ${pageSize}; ${schema} BEGIN; ${fill(rows)} COMMIT`);
		db.close();
		contents.old = stateOf(base()).contents;
		const {path, file} = place(mkdtempSync(join(folder, 'upgraded-')), base());
		const {code, stderr} = await lite(path, ['upgrade', '--no-backup']);
		if (code !== 0) throw new Error(stderr);
		contents.new = stateOf(file).contents;
	});
	afterAll(() => rmSync(folder, {recursive: true, force: true}));
	return {
		contents,
		copy(journal = 'delete') {
			const project = projectFolder();
			return {...project, ...place(project.path, base(), journal), remove: (file) => rmSync(join(project.path, file))};
		},
	};
}

function place(path: string, base: string, journal: JournalMode = 'delete'): {readonly path: string; readonly file: string} {
	const file = join(path, 'app.db');
	copyFileSync(base, file);
	if (journal === 'wal') {
		const db = openDatabase(file);
		db.value('PRAGMA journal_mode = wal');
		db.close();
	}
	writeProject(path);
	return {path, file};
}

function writeProject(path: string): void {
	mkdirSync(join(path, 'migrations'));
	mkdirSync(join(path, 'models'));
	writeFileSync(join(path, 'migrate.toml'), toml);
	for (const [name, text] of Object.entries(migrations)) writeFileSync(join(path, 'migrations', name), text);
}
