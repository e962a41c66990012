import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {builtBin} from '../cli/built-bin.ts';
import {blocksOf, commandsOf, normal, pageText, repository, run} from '../docs/page.ts';

// Runs docs/existing-database.md word for word on a database that alembic migrated before.

const project = mkdtempSync(join(tmpdir(), 'lite-migr-existing-'));

beforeAll(() => {
	builtBin();
	writeFileSync(join(project, 'package.json'), '{"private": true}');
	mkdirSync(join(project, 'node_modules', '.bin'), {recursive: true});
	symlinkSync(repository, join(project, 'node_modules', 'lite-migr'));
	symlinkSync(join(repository, 'dist', 'cli.js'), join(project, 'node_modules', '.bin', 'lite-migr'));
	const db = openDatabase(join(project, 'shop.db'), {create: true});
	db.exec(`
		CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
		CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT NOT NULL);
		CREATE TABLE purchase (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id) ON DELETE CASCADE, cents INTEGER CHECK (cents > 0));
		CREATE UNIQUE INDEX by_email ON customer (email COLLATE NOCASE);
		CREATE VIEW total AS SELECT customer_id, sum(cents) AS cents FROM purchase GROUP BY 1;
		CREATE TRIGGER lower_email AFTER INSERT ON customer BEGIN UPDATE customer SET email = lower(email) WHERE id = new.id; END;
		INSERT INTO customer VALUES (1, 'ann@example.com');
		INSERT INTO purchase VALUES (1, 1, 500), (2, 1, 250)`);
	db.close();
});

afterAll(() => rmSync(project, {recursive: true, force: true}));

describe('the page about an existing database', () => {
	const blocks = blocksOf(pageText('docs/existing-database.md'));

	for (const {command, output} of blocks.filter(({language}) => language === 'console').flatMap(commandsOf)) {
		test(command, () => expect(normal(run(command, project))).toBe(normal(output)), 60_000);
	}

	test('keeps every row', () => {
		const db = openDatabase(join(project, 'shop.db'), {readonly: true});
		expect(db.all('SELECT * FROM total')).toEqual([{customer_id: 1, cents: 750}]);
		db.close();
	});

	test('creates the same database on a new machine', () => {
		expect(run('npx lite-migr upgrade --yes --db ./new.db && npx lite-migr check --db ./new.db', project)).toContain('agree');
	});
});
