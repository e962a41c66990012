import {expect, test} from 'vitest';
import {printPreview} from '../../../source/commands/text/preview-text.ts';
import {diff} from '../../../source/core/diff/diff.ts';
import {type Decisions, noDecisions} from '../../../source/core/diff/question.ts';
import {plan} from '../../../source/core/plan/plan.ts';
import {type PreviewObject, preview} from '../../../source/core/plan/preview.ts';
import {changeList} from '../../../source/core/plan/preview-text.ts';
import type {Schema} from '../../../source/core/schema/schema.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';
import {collected} from './collected.ts';

function schemaOf(sql: string): Schema {
	const db = openInMemory();
	try {
		db.exec(sql);
		return introspect(db);
	} finally {
		db.close();
	}
}

function previewOf(from: string, to: string, decisions: Partial<Decisions> = {}): readonly PreviewObject[] {
	const [before, after] = [schemaOf(from), schemaOf(to)];
	const {operations} = diff(before, after, {...noDecisions, allowDrops: true, ...decisions});
	return preview(before, operations, plan(before, operations));
}

const objects = previewOf(
	'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, zip TEXT); CREATE TABLE legacy_log (x)',
	'CREATE TABLE user (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, email TEXT NOT NULL, zip INTEGER, age INTEGER DEFAULT 0); CREATE TABLE tag (id INTEGER PRIMARY KEY, n)',
	{renames: [{table: 'user', column: 'name', to: 'full_name'}], fills: [{table: 'user', column: 'email', expression: "'x'"}]},
);

test('prints changes as a tree, with how and why', () => {
	const {output, lines} = collected();
	printPreview(objects, (table) => ({user: 12403, legacy_log: 880112})[table] ?? null, output);
	expect(lines()).toEqual(
		expect.arrayContaining([
			expect.stringMatching(/^~ user {2,}rewrite, copies 12,403 rows$/),
			expect.stringMatching(/^ {4}~ name → full_name {2,}rename$/),
			expect.stringMatching(/^ {4}~ zip {2,}▲ TEXT → INTEGER$/),
			expect.stringMatching(/^ {4}\+ age INTEGER DEFAULT 0 {2,}add column$/),
			expect.stringMatching(/^ {6}why: .*email is filled/),
			expect.stringMatching(/^- legacy_log {2,}▲ drops 880,112 rows$/),
			expect.stringMatching(/^\+ tag$/),
		]),
	);
});

test('lists one change per line', () => {
	expect(changeList(objects)).toEqual(
		expect.arrayContaining(['~ user.name → full_name  rename', '+ user.age INTEGER DEFAULT 0', '- legacy_log', '+ tag']),
	);
});

test('omits views and triggers that are only recreated because of other changes', () => {
	const rest = 'CREATE VIEW w AS SELECT a FROM v; CREATE TRIGGER t INSTEAD OF INSERT ON w BEGIN SELECT 1; END;';
	const changed = previewOf(
		`CREATE TABLE p (a TEXT); CREATE VIEW v AS SELECT a FROM p; ${rest}`,
		`CREATE TABLE p (a INTEGER); CREATE VIEW v AS SELECT a, 1 FROM p; ${rest}`,
	);
	expect(changeList(changed)).toEqual(['~ view v', '~ p.a  TEXT → INTEGER']);
});

test('shows the condition, the order and the collation of an index', () => {
	const table = 'CREATE TABLE user (name TEXT, age INTEGER);';
	const [user] = previewOf(
		`${table} CREATE INDEX user_name ON user (name) WHERE age > 17`,
		`${table} CREATE INDEX user_name ON user (name COLLATE NOCASE, age DESC) WHERE age > 20`,
	);
	expect(user?.changes.map(({mark, subject, text}) => [mark, subject, text])).toEqual([
		['-', 'index user_name', ''],
		['+', 'index user_name', '(name COLLATE NOCASE, age DESC) WHERE age > 20'],
	]);
});

test('shows that a full-text index is filled, not that its statement may change data', () => {
	const note = 'CREATE TABLE note (id INTEGER PRIMARY KEY, title TEXT);';
	const index = (options: string) => `CREATE VIRTUAL TABLE note_text USING fts5(title, content='note', content_rowid='id'${options})`;
	const printed = (from: string) => {
		const {output, lines} = collected();
		printPreview(previewOf(from, note + index(", tokenize='porter'")), () => 2, output);
		return lines();
	};
	const filled = expect.stringMatching(/^ {4}\+ index {2,}of the existing rows$/);
	expect(printed(note)).toEqual([expect.stringMatching(/^\+ virtual table note_text$/), filled]);
	expect(printed(note + index(''))).toEqual([expect.stringMatching(/^~ virtual table note_text {2,}fills its index$/), filled]);
});
