import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname} from 'node:path';
import {describe, expect, test} from 'vitest';
import {importMigrations} from '../../../../source/core/migrations/adopt/import/import-migrations.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {thrownBy} from '../../sqlite/temporary-folder.ts';
import {runnerFor} from '../run.ts';

const project = projectForEachTest();
const {done} = runnerFor(project);

async function imported(files: Readonly<Record<string, string>>, sql = 'SELECT 1') {
	project.exec(sql);
	for (const [name, text] of Object.entries(files)) {
		const path = project.at(`theirs/${name}`);
		mkdirSync(dirname(path), {recursive: true});
		writeFileSync(path, text);
	}
	return await importMigrations({
		dbPath: project.file,
		migrationsDir: project.migrationsDir,
		from: project.at('theirs'),
		wait: 1,
		toolVersion: '1.0.0',
	});
}

const tables = () =>
	project
		.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('_lite_migr', 'sqlite_sequence') ORDER BY 1")
		.map(({name}) => name);

const journal = JSON.stringify({entries: [{tag: '0001_a', when: 1}]});

/** Folders that create the table a, with a downgrade if the tool supports one. Comments inside do not start a section in these tools. */
const folders: Readonly<Record<string, {readonly files: Readonly<Record<string, string>>; readonly canUndo: boolean}>> = {
	goose: {files: {'0001_a.sql': '-- +goose Up\nCREATE TABLE a (x);\n-- +goose Down\nDROP TABLE a;\n'}, canUndo: true},
	'goose with a byte order mark and Windows line endings': {
		files: {'0001_a.sql': '\ufeff-- +goose Up\r\nCREATE TABLE a (x);\r\n-- +goose Down\r\nDROP TABLE a;\r\n'},
		canUndo: true,
	},
	'goose with indented markers in lower case': {
		files: {'0001_a.sql': '  -- +goose up\nCREATE TABLE a (x);\n  --+goose down\nDROP TABLE a;\n'},
		canUndo: true,
	},
	'goose with statement marks': {
		files: {
			'0001_a.sql':
				'-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose StatementBegin\nCREATE TABLE a (x);\n-- +goose StatementEnd\n-- +goose Down\n-- +goose StatementBegin\nDROP TABLE a;\n-- +goose StatementEnd\n',
		},
		canUndo: true,
	},
	'goose, with the words of other tools as comments': {
		files: {
			'0001_a.sql':
				'-- +goose Up\n-- upgrade\nCREATE TABLE a (x);\n-- downgrade\n-- down\nCREATE INDEX i ON a (x);\n-- +goose Down\n-- up\nDROP TABLE a;\n',
		},
		canUndo: true,
	},
	dbmate: {files: {'0001_a.sql': '-- migrate:up\nCREATE TABLE a (x);\n-- migrate:down\nDROP TABLE a;\n'}, canUndo: true},
	'dbmate with the down section first': {
		files: {'0001_a.sql': '-- migrate:down\nDROP TABLE a;\n-- migrate:up transaction:false\nCREATE TABLE a (x);\n'},
		canUndo: true,
	},
	'golang-migrate': {files: {'1_a.up.sql': '-- up\nCREATE TABLE a (x);\n', '1_a.down.sql': '-- down\nDROP TABLE a;\n'}, canUndo: true},
	'golang-migrate with its own transactions': {
		files: {'1_a.up.sql': 'BEGIN;\nCREATE TABLE a (x);\nCOMMIT;\n', '1_a.down.sql': 'BEGIN TRANSACTION;\nDROP TABLE a;\nEND;\n'},
		canUndo: true,
	},
	'golang-migrate, which commits its own transaction first': {
		files: {
			'1_a.up.sql':
				'COMMIT TRANSACTION;\nPRAGMA foreign_keys = OFF;\nBEGIN TRANSACTION;\nCREATE TABLE a (x);\nCOMMIT TRANSACTION;\nPRAGMA foreign_keys = ON;\nBEGIN TRANSACTION;\n',
			'1_a.down.sql': 'COMMIT;\nBEGIN;\nDROP TABLE a;\n',
		},
		canUndo: true,
	},
	wrangler: {files: {'0001_a.sql': '-- Migration number: 0001\nCREATE TABLE a (x);\n'}, canUndo: false},
	'drizzle-kit': {
		files: {'meta/_journal.json': journal, '0001_a.sql': 'CREATE TABLE `a` (`x`);\n--> statement-breakpoint\n-- downgrade\nCREATE INDEX i ON a (x);'},
		canUndo: false,
	},
};

describe('the migrations of another tool', () => {
	test.each(Object.entries(folders))('never run both halves as the upgrade: %s', async (_name, {files, canUndo}) => {
		const {pending, problems} = await imported(files);
		expect(problems).toEqual([]);
		expect(pending).toHaveLength(1);
		await done();
		expect(tables()).toEqual(['a']);
		if (!canUndo) return;
		await done({direction: 'downgrade', consent: true});
		expect(tables()).toEqual([]);
	});

	test.each([
		['sql-migrate', {'0001_a.sql': '-- +migrate Up\nCREATE TABLE a (x);\n-- +migrate Down\nDROP TABLE a;\n'}, 1],
		['an unknown tool', {'0001_a.sql': 'CREATE TABLE a (x);\n\n-- rollback\nDROP TABLE a;\n'}, 3],
		['tern', {'001_a.sql': 'CREATE TABLE a (x);\n---- create above / drop below ----\nDROP TABLE a;\n'}, 2],
		['lite-migr itself', {'001_a.sql': '-- upgrade\nCREATE TABLE a (x);\n-- downgrade\nDROP TABLE a;\n'}, 1],
		['halves without their other half', {'001_a.down.sql': 'DROP TABLE a;\n'}, undefined],
	])('are rejected with their line if their two halves cannot be distinguished: %s', async (_tool, files, line) => {
		const refused = await thrownBy(() => imported(files));
		const place = line === undefined ? {} : {location: {line}};
		expect(refused).toMatchObject({code: 'migration', hint: expect.stringContaining('lite-migr baseline <name>'), ...place});
		expect(tables()).toEqual([]);
	});

	test('are imported completely if wrangler has applied them, regardless of their comments', async () => {
		const applied =
			"CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO d1_migrations VALUES (1, '0001_a.sql'); CREATE TABLE a (x); CREATE TABLE b (x)";
		const {problems} = await imported({'0001_a.sql': '-- up\nCREATE TABLE a (x);\n-- down\nCREATE TABLE b (x);\n'}, applied);
		expect(problems).toEqual([]);
		await done({database: project.at('new.db')});
	});

	test.each([
		['goose', '-- +goose Up\nCREATE TABLE a (x);\n', '-- +goose Up'],
		['dbmate', '-- migrate:up\nCREATE TABLE a (x);\n', '-- migrate:up'],
	])('are rejected if a file of %s lacks the marker, because skipping it would change the resulting schema', async (tool, text, marker) => {
		const refused = await thrownBy(() => imported({'0001_a.sql': text, '0002_b.sql': 'CREATE TABLE b (x);'}));
		expect(refused.message).toBe(`0002_b.sql has no ${marker}, so ${tool} does not run it`);
	});
});
