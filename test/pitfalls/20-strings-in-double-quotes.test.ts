import {describe, expect, test} from 'vitest';
import {nativeOf} from '../../source/core/sqlite/connection.ts';
import {formats, type ModelsAndDatabase, modelsAndDatabase} from './models-and-database.ts';

/** Writes definitions into the schema that a current SQLite reads but no longer creates. */
function makeOld(project: ModelsAndDatabase, texts: Readonly<Record<string, string>>): void {
	project.database((db) => {
		nativeOf(db).unsafeMode(true);
		db.exec('PRAGMA writable_schema=ON');
		for (const [name, sql] of Object.entries(texts)) db.run('UPDATE sqlite_schema SET sql = ? WHERE name = ?', sql, name);
		db.exec('PRAGMA writable_schema=RESET');
	});
}

const state = (quote: string, name = 'state') => `${name} TEXT CHECK (${name} <> ${quote}none${quote})`;
const old = {
	user: `CREATE TABLE user (id INTEGER PRIMARY KEY, zip TEXT, ${state('"')})`,
	user_open: 'CREATE INDEX user_open ON user(id) WHERE state = "open"',
};

function oldProject(models: string, format: 'ts' | 'sql'): ModelsAndDatabase {
	const project = modelsAndDatabase(
		`CREATE TABLE user (id INTEGER PRIMARY KEY, zip TEXT, ${state("'")}); CREATE INDEX user_open ON user(id) WHERE state = 'open';
		INSERT INTO user VALUES (1, '10', 'open'), (2, NULL, NULL);`,
		models,
		format,
	);
	makeOld(project, old);
	expect(project.value("SELECT sql FROM sqlite_schema WHERE name = 'user'")).toBe(old.user);
	return project;
}

const index = (name = 'state') => `CREATE INDEX user_open ON user(id) WHERE ${name} = 'open';`;

describe.each(formats)('pitfall 20: string literals in double quotes in an old schema, and a .%s migration', (format) => {
	test('load, are reported by preflight, and are fixed by a rewrite', async () => {
		const project = oldProject(`CREATE TABLE user (id INTEGER PRIMARY KEY, zip INTEGER, ${state("'")}); ${index()}`, format);
		const {findings} = await project.migrate({}, true);
		if (format === 'ts') expect(findings.find(({kind}) => kind === 'quotedString')?.message).toMatch(/"none".*"open"|"open".*"none"/);
		expect(project.value('SELECT group_concat(sql) FROM sqlite_schema')).not.toMatch(/"none"|"open"/);
		expect(project.rows('user', 'id, zip, state')).toEqual(["integer 1 | integer 10 | text 'open'", 'integer 2 | null NULL | null NULL']);
		expect(() => project.exec("INSERT INTO user VALUES (3, 1, 'none')")).toThrow('CHECK');
		project.exec("INSERT INTO user VALUES (4, 1, 'zip')");
	});

	test('do not stop a rename', async () => {
		const project = oldProject(`CREATE TABLE user (id INTEGER PRIMARY KEY, zip TEXT, ${state("'", 'status')}); ${index('status')}`, format);
		await project.migrate({renames: [{table: 'user', column: 'state', to: 'status'}]}, true);
		expect(project.rows('user', 'id, zip, status')).toEqual(["integer 1 | text '10' | text 'open'", 'integer 2 | null NULL | null NULL']);
	});

	test('do not stop a rename together with another default', async () => {
		const project = oldProject(
			`CREATE TABLE user (id INTEGER PRIMARY KEY, zip TEXT DEFAULT '0', ${state("'", 'status')}); ${index('status')}`,
			format,
		);
		await project.migrate({renames: [{table: 'user', column: 'state', to: 'status'}]}, true);
		expect(project.rows('user', 'id, zip, status')).toEqual(["integer 1 | text '10' | text 'open'", 'integer 2 | null NULL | null NULL']);
	});

	test('do not stop a new column', async () => {
		const project = oldProject(`CREATE TABLE user (id INTEGER PRIMARY KEY, zip TEXT, ${state("'")}, age INTEGER); ${index()}`, format);
		await project.migrate({}, true);
		expect(project.rows('user', 'id, zip, state, age')).toEqual([
			"integer 1 | text '10' | text 'open' | null NULL",
			'integer 2 | null NULL | null NULL | null NULL',
		]);
	});
});
