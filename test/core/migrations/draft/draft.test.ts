import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {readTable, schemaOf} from '../../../../source/core/ddl/read.ts';
import {noDecisions} from '../../../../source/core/diff/question.ts';
import {draftMigration} from '../../../../source/core/migrations/draft/draft.ts';
import {introspect} from '../../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../../source/core/sqlite/open.ts';

describe('rows without a value under a new NOT NULL', () => {
	let db = openInMemory();
	beforeEach(() => {
		db = openInMemory();
		db.exec(`
			CREATE TABLE user (id INTEGER PRIMARY KEY, email TEXT, e TEXT);
			CREATE TABLE contact (id INTEGER PRIMARY KEY, email TEXT);
			INSERT INTO user VALUES (1, NULL, NULL);
			INSERT INTO contact VALUES (1, NULL)`);
	});
	afterEach(() => db.close());

	const draft = (models: readonly string[], decisions: Partial<typeof noDecisions>) => {
		const schema = introspect(db);
		return draftMigration({
			from: schema,
			models: schemaOf(models.map((sql) => readTable(sql))),
			decisions: {...noDecisions, ...decisions},
			rows: {db, schema},
		});
	};
	const asked = ({questions}: ReturnType<typeof draft>) => questions.map(({id}) => id);
	const strict = [
		'CREATE TABLE user (id INTEGER PRIMARY KEY, email TEXT NOT NULL, e TEXT)',
		'CREATE TABLE contact (id INTEGER PRIMARY KEY, email TEXT NOT NULL)',
	];

	test('are asked about in each table, even if a column with the same name is filled in another table', () => {
		expect(asked(draft(strict, {}))).toEqual(['fill:user.email', 'fill:contact.email']);
		expect(asked(draft(strict, {fills: [{table: 'user', column: 'email', expression: "'x'"}]}))).toEqual(['fill:contact.email']);
	});

	test('are asked about even if a new column with a fill has a name that contains theirs', () => {
		const models = ['CREATE TABLE user (id INTEGER PRIMARY KEY, email TEXT, e TEXT NOT NULL, extra TEXT NOT NULL)', strict[1] ?? ''];
		const filled = draft(models, {fills: [{table: 'user', column: 'extra', expression: "'x'"}]});
		expect(asked(filled)).toEqual(['fill:user.e', 'fill:contact.email']);
	});

	test('are not asked about again if the fill returns NULL, even in a renamed table', () => {
		const models = [
			'CREATE TABLE account (id INTEGER PRIMARY KEY, email TEXT NOT NULL, e TEXT)',
			'CREATE TABLE contact (id INTEGER PRIMARY KEY, email TEXT)',
		];
		const renamed = draft(models, {renames: [{table: 'user', to: 'account'}], fills: [{table: 'user', column: 'EMAIL', expression: 'NULL'}]});
		expect(renamed.questions).toEqual([]);
		expect(renamed.findings.map(({kind}) => kind)).toEqual(['null']);
	});
});

test('a change that SQLite makes in place is previewed as a rewrite for a database on a server', () => {
	const from = schemaOf([readTable('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT)')]);
	const models = schemaOf([readTable('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, CHECK (length(name) < 9))')]);
	const strategies = (portable: boolean) => draftMigration({from, models, decisions: noDecisions, portable}).preview.map(({strategy}) => strategy);
	expect(strategies(false)).toEqual(['scan']);
	expect(strategies(true)).toEqual(['rewrite']);
});

describe('questions about indexes of a table with an open question about a column', () => {
	const questionsOf = (models: string, indexes: readonly string[], decisions: Partial<typeof noDecisions> = {}) => {
		const db = openInMemory();
		try {
			db.exec('CREATE TABLE log (id INTEGER PRIMARY KEY, at INTEGER, extra TEXT)');
			for (const index of indexes) db.exec(index);
			const {questions, operations} = draftMigration({
				from: introspect(db),
				models: schemaOf([readTable(models)]),
				decisions: {...noDecisions, ...decisions},
			});
			return {asked: questions.map(({id}) => id), operations: operations.map(({kind}) => kind)};
		} finally {
			db.close();
		}
	};
	const withoutExtra = 'CREATE TABLE log (id INTEGER PRIMARY KEY, at INTEGER)';

	test('come at the same time if the answer makes no difference for them, and change nothing until all are answered', () => {
		const indexes = ['CREATE INDEX log_at ON log (at)'];
		expect(questionsOf(withoutExtra, indexes)).toEqual({asked: ['drop:log.extra', 'drop:log_at'], operations: []});
		expect(questionsOf(withoutExtra, indexes, {drops: [{table: 'log_at'}]})).toEqual({asked: ['drop:log.extra'], operations: []});
		const drops = [{table: 'log_at'}, {table: 'log', column: 'extra'}];
		expect(questionsOf(withoutExtra, indexes, {drops})).toEqual({asked: [], operations: ['dropIndex', 'dropColumn']});
	});

	test('wait for the answer if the index may follow a rename, or is dropped with the column', () => {
		expect(questionsOf(withoutExtra, ['CREATE INDEX log_extra ON log (extra)']).asked).toEqual(['drop:log.extra']);
		const renamed = 'CREATE TABLE log (id INTEGER PRIMARY KEY, at INTEGER, extras TEXT)';
		expect(questionsOf(renamed, ['CREATE INDEX log_extra ON log (at, extra)']).asked).toEqual(['rename:log.extras']);
	});
});
