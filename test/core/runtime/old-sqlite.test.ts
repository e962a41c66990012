import {readFileSync} from 'node:fs';
// @ts-expect-error: the package has no types.
import initSqlJs from 'sql.js';
import {expect, onTestFinished, test} from 'vitest';
import {type Device, localDevices} from '../../laws/device.ts';
import {projectFolder, toml} from '../../project-folder.ts';
import {bundleOf} from './bundles.ts';

/** A database with SQLite 3.49, which accepts rows of STRICT tables whose generated values it then cannot read. */
async function device(): Promise<Device> {
	const found = await localDevices(await initSqlJs())['sql.js']?.();
	if (found === undefined) throw new Error('sql.js');
	onTestFinished(() => found.close());
	return found;
}

const table = 'CREATE TABLE item (id INTEGER PRIMARY KEY, a TEXT, self INTEGER REFERENCES item(id)) STRICT';
const changes: Readonly<Record<string, string>> = {
	'a statement adds a column': `op.execute(\`ALTER TABLE item ADD b REAL AS (a || 'x')\`);`,
	'the table is rewritten': `op.changeTable('item', \`CREATE TABLE item (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT '', b INT AS (a || 'x'), self INTEGER REFERENCES item(id)) STRICT\`);`,
	'the table is copied twice': `op.changeTable('item', \`CREATE TABLE item (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b INT AS (a || 'x'), self TEXT REFERENCES item(a)) STRICT\`);`,
	'a statement changes a row': `op.execute("ALTER TABLE item ADD b INT AS (iif(a = 'z', 'no number', 1))"); op.execute("UPDATE item SET a = 'z'");`,
	'statements copy the table': [
		'CREATE TABLE copy (id INTEGER PRIMARY KEY, a TEXT, self INTEGER, b INT AS (a || id)) STRICT',
		'INSERT INTO copy SELECT * FROM item',
		'DROP TABLE item',
		'ALTER TABLE copy RENAME TO item',
	]
		.map((sql) => `op.execute("${sql}");`)
		.join(''),
};

test.each(Object.entries(changes))('generated values that do not fit a STRICT table leave the database unchanged: %s', async (_, change) => {
	const folder = projectFolder({'migrate.toml': toml});
	folder.migration('20260101_000000_start.sql', `-- upgrade\n${table};\n`);
	const db = await device();
	await db.migrate(await bundleOf(folder.migrationsDir));
	folder.migration('20260102_000000_change', change);
	const bundle = await bundleOf(folder.migrationsDir);
	await db.exec([`INSERT INTO item (id, a) VALUES (1, 'y')`]);
	const before = await db.bytes();
	await expect(db.migrate(bundle)).rejects.toThrow(/values of (item|copy)\.b do not fit: INT|type mismatch/);
	expect(await db.bytes()).toEqual(before);
	await db.exec(['DELETE FROM item']);
	await expect(db.migrate(bundle)).resolves.toMatchObject({applied: ['20260102_000000_change']});
});

test('a guarded .sql migration that another program runs does not copy generated values that do not fit a STRICT table', async () => {
	const folder = projectFolder({'migrate.toml': `${toml}format = "sql"\n`, 'models/schema.sql': `${table};`});
	expect((await folder.lite('create', 'start')).code).toBe(0);
	folder.write(
		'models/schema.sql',
		`CREATE TABLE item (id INTEGER PRIMARY KEY, a TEXT UNIQUE, self INTEGER REFERENCES item(id), b INT AS (a || 'x')) STRICT;`,
	);
	const [start = ''] = folder.files('migrations');
	expect((await folder.lite('upgrade')).code).toBe(0);
	expect((await folder.lite('create', 'change')).code).toBe(0);
	const text = folder.read(`migrations/${folder.files('migrations').find((name) => name !== start)}`).split('-- downgrade')[0] ?? '';
	const {Database} = await initSqlJs();
	for (const rows of ['', "INSERT INTO item (id, a) VALUES (1, 'y');"]) {
		const db = new Database();
		onTestFinished(() => db.close());
		db.run(`${table}; ${rows}`);
		const run = () => db.exec(text);
		if (rows === '') expect(run).not.toThrow();
		else expect(run).toThrow('values of item.b do not fit: INT');
	}
});

test('upgrade --sql of a .sql migration checks the generated values that its statements and their triggers write', async () => {
	const folder = projectFolder({'migrate.toml': toml});
	folder.migration(
		'20260101_000000_start.sql',
		`-- upgrade
CREATE TABLE item (a TEXT);
CREATE TABLE copy (a TEXT);
CREATE TABLE log (a TEXT, b INT AS (a)) STRICT;
CREATE TRIGGER copied AFTER INSERT ON copy BEGIN INSERT INTO log (a) VALUES (new.a); END;
`,
	);
	expect((await folder.lite('upgrade')).code).toBe(0);
	folder.migration('20260102_000000_change.sql', '-- upgrade\nINSERT INTO copy SELECT a FROM item;\n');
	const printed = await folder.lite('upgrade', '--sql');
	expect(printed).toMatchObject({code: 0, stderr: ''});
	const {Database} = await initSqlJs();
	for (const value of ['1', 'y']) {
		const db = new Database(readFileSync(folder.file));
		onTestFinished(() => db.close());
		db.run(`INSERT INTO item VALUES ('${value}')`);
		const run = () => db.exec(printed.stdout);
		if (value === '1') expect(run).not.toThrow();
		else expect(run).toThrow('values of log.b do not fit: INT');
	}
});
