import {describe, expect, test} from 'vitest';
import {proseComment, readMarker} from '../../../../source/core/migrations/files/section-markers.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {thrownBy} from '../../sqlite/temporary-folder.ts';
import {runnerFor} from '../run.ts';

const project = projectForEachTest();
const {done, failed: failure} = runnerFor(project);

/** Writes a migration with two halves. The second half undoes the first. */
function halves(first: string, second: string): void {
	project.migration('1_a.sql', `${first}CREATE TABLE kept (x);\n${second}DROP TABLE kept;\n`);
}

const tables = () => project.all("SELECT name FROM sqlite_schema WHERE name = 'kept'").length;

const own = [
	'-- downgrade',
	'--downgrade',
	'-- Downgrade',
	'-- DOWNGRADE',
	'  --   downgrade  ',
	'-- downgrade:',
	'-- downgrade.',
	'-- downgrade --',
	'-- ===== downgrade =====',
	'/* downgrade */',
	'/* ======\n * Downgrade\n * ====== */',
	'-- down\u200bgrade',
];

const foreign = [
	'-- downgrade: undo',
	'-- down',
	'-- DOWN',
	'--down--',
	'-- down:',
	'-- [down]',
	'-- @down',
	'-- 2. down',
	'-- down - drops the table',
	'-- down (drops the table)',
	'-- Down: drops the table',
	'-- Down Migration',
	'-- down_migration',
	'-- the downgrade',
	'-- Begin downgrade',
	'-- downgrade below',
	'-- rollback',
	'-- Roll back',
	'-- rollback script',
	'-- undo',
	'-- undo the changes',
	'-- Add down migration script here',
	'-- Revert the migration',
	'-- dowgrade',
	'-- downgarde:',
	'-- down grade',
	'/* down */',
	'-- +goose Down',
	'--+goose down',
	'-- migrate:down',
	'-- migrate:down transaction:false',
	'-- +migrate Down',
	'-- +migrate Down notransaction',
	'-- +micrate Down',
	'-- +duckDown',
	'-- +down',
	'-- rambler down',
	'-- sqlx:down',
	'-- !Downs',
	'--//@UNDO',
	'---- create above / drop below ----',
];

const prose = [
	'-- downgrade plan: see ticket',
	'-- up to 100 rows',
	'-- down payments table',
	'-- upgrade path for old rows',
	'-- upgrade to v2: see the docs',
	'-- rollback of order 17 was done by hand',
	'-- rollback-safe change',
	'-- undo log',
	'-- add up all totals',
	'-- This file should undo anything in `up.sql`',
	'-- Migration number: 0002',
	'-- no downgrade',
	'-- up/down counters',
	'-- up, down and left',
	'-- up-to-date list',
	'-- what goes up must come down',
	'-- downloads',
	'-- grade',
	'-- update',
	'-- reverse index',
	'-- downgrade is not possible, since the values are converted',
	'-- CreateTable',
	'--> statement-breakpoint',
	'-- +goose StatementBegin',
	'--',
	'-- =====',
	'/* downgrade\nDROP TABLE kept;\n*/',
];

describe('the sections of a .sql migration', () => {
	test.each(own)('start at %j', async (marker) => {
		halves('-- upgrade\n', `${marker}\n`);
		await done();
		expect(tables()).toBe(1);
		await done({direction: 'downgrade', consent: true});
		expect(tables()).toBe(0);
	});

	test.each(foreign)('are never guessed: %j is rejected with its line, and neither half runs', async (marker) => {
		halves('', `${marker}\n`);
		const failed = await failure();
		expect(failed).toMatchObject({code: 'migration', location: {line: 2}, hint: expect.stringMatching(/write -- (?:upgrade|downgrade)/)});
		expect(tables()).toBe(0);
	});

	test.each([
		'-- up',
		'-- UP:',
		'-- upgrade: create the table',
		'-- Up Migration',
		'-- +goose Up',
		'-- migrate:up',
		'-- +migrate Up',
		'-- +duckUp',
		'-- !Ups',
		'-- upgarde',
	])('are rejected if the first one starts with %j', async (marker) => {
		halves(`${marker}\n`, '-- downgrade\n');
		expect(await failure()).toMatchObject({code: 'migration', location: {line: 1}, hint: expect.stringContaining('write -- upgrade')});
		expect(tables()).toBe(0);
	});

	test.each(prose)('do not start at prose: %j', async (comment) => {
		project.migration(
			'1_a.sql',
			`${comment}\nCREATE TABLE kept (x);\n${comment}\nCREATE TABLE other (x);\n-- downgrade\n${comment}\nDROP TABLE kept;\n`,
		);
		await done();
		expect(tables()).toBe(1);
	});

	test('do not start inside a statement, a string or a trigger, or at prose after a statement on the same line', async () => {
		project.migration(
			'1_a.sql',
			`CREATE TABLE kept (
	-- down
	x TEXT DEFAULT '
-- downgrade
' -- +goose Down
); -- up or down
CREATE TRIGGER t AFTER INSERT ON kept BEGIN
	-- rollback
	DELETE FROM kept WHERE x = '-- migrate:down';
	-- downgrade
END;
CREATE TABLE direction (x); -- down
`,
		);
		await done();
		expect(project.value("SELECT count(*) FROM sqlite_schema WHERE name IN ('kept', 't', 'direction')")).toBe(3);
	});

	test('are rejected if their marker follows a statement on the same line', async () => {
		project.migration('1_a.sql', 'CREATE TABLE kept (x); -- downgrade\nDROP TABLE kept;\n');
		expect(await failure()).toMatchObject({location: {line: 1}, hint: expect.stringContaining('on its own line')});
		project.migration('1_a.sql', 'CREATE TABLE kept (x); -- +goose Down\nDROP TABLE kept;\n');
		expect(await failure()).toMatchObject({location: {line: 1}, message: expect.stringContaining('goose')});
		expect(tables()).toBe(0);
	});

	test.each([
		['-- +goose Up', /marker of goose/, /run lite-migr baseline --from FOLDER/],
		['-- migrate:up', /marker of dbmate/, /run lite-migr baseline --from FOLDER/],
		['-- +migrate Up', /marker of sql-migrate/, /^write -- upgrade/],
		['-- up', /looks like a section marker/, /^write -- upgrade on its own line/],
	])('get a hint how to replace %j', async (marker, message, hint) => {
		halves(`${marker}\n`, '');
		expect(await failure()).toMatchObject({message: expect.stringMatching(message), hint: expect.stringMatching(hint)});
	});

	test.each(['1_a.up.sql', '1_a.down.sql', '1_a.Up.sql'])('cannot be in separate files: %s is rejected', async (name) => {
		project.migration(name, 'CREATE TABLE kept (x);');
		const failed = await thrownBy(() => done());
		expect(failed.message).toMatch(/half of another tool's migration/);
		expect(tables()).toBe(0);
	});
});

test('text that lite-migr writes into a comment is never read as a marker', () => {
	for (const text of ['down: copy rows', 'upgrade', 'rollback: drop table', 'migrate: up', '+goose Down', 'user: copy rows']) {
		expect(readMarker(proseComment(text)), text).toBeUndefined();
	}
	expect(proseComment('user: copy\nrows')).toBe('-- user: copy rows');
});
