import type {Operation} from '../../../source/core/operations/operation.ts';
import {creating, type PlainMigration} from '../../laws/bundle-source.ts';

const columnsOf: Readonly<Record<string, string>> = {
	account:
		"id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, display_name TEXT, created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, plan TEXT NOT NULL DEFAULT 'free'",
	project:
		'id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE, title TEXT NOT NULL, color TEXT, archived INTEGER NOT NULL DEFAULT 0',
	task: 'id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE, title TEXT NOT NULL, notes TEXT, due_at TEXT, done INTEGER NOT NULL DEFAULT 0',
	label: 'id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE, name TEXT NOT NULL',
	task_label:
		'task_id INTEGER NOT NULL REFERENCES task(id) ON DELETE CASCADE, label_id INTEGER NOT NULL REFERENCES label(id) ON DELETE CASCADE, PRIMARY KEY (task_id, label_id)',
	comment:
		'id INTEGER PRIMARY KEY, task_id INTEGER NOT NULL REFERENCES task(id) ON DELETE CASCADE, author_id INTEGER REFERENCES account(id) ON DELETE SET NULL, body TEXT NOT NULL',
};

const create = (table: string, columns = columnsOf[table]) => `CREATE TABLE ${table} (${columns})`;

function migration(number: number, name: string, upgrade: readonly Operation[], downgrade: readonly Operation[]): PlainMigration {
	return {name: `202601${String(number).padStart(2, '0')}_120000_${name}`, upgrade, downgrade};
}

const add = (table: string, column: string, definition: string, number: number): PlainMigration =>
	migration(number, `${table}_${column}`, [{kind: 'addColumn', table, definition: `${column} ${definition}`}], [{kind: 'dropColumn', table, column}]);

const index = (name: string, sql: string, number: number): PlainMigration =>
	migration(number, name, [{kind: 'createIndex', sql}], [{kind: 'dropIndex', index: name}]);

const rebuild = (table: string, from: string, to: string, number: number): PlainMigration =>
	migration(
		number,
		`${table}_rules`,
		[{kind: 'changeTable', table, sql: create(table, to), fill: {}}],
		[{kind: 'changeTable', table, sql: create(table, from), fill: {}}],
	);

const data = (name: string, sql: readonly string[], number: number): PlainMigration => ({
	...creating(`202601${String(number).padStart(2, '0')}_120000_${name}`, sql),
	downgrade: [],
});

const task = columnsOf.task as string;

/** The migrations of an app with six tables, as they are typical: new tables and columns, indexes, three rebuilds with children, and data changes. */
export const twentyMigrations: readonly PlainMigration[] = [
	migration(
		1,
		'start',
		['account', 'project', 'task'].map((table): Operation => ({kind: 'createTable', sql: create(table)})),
		['task', 'project', 'account'].map((table): Operation => ({kind: 'dropTable', table})),
	),
	index('project_account', 'CREATE INDEX project_account ON project (account_id)', 2),
	index('task_project', 'CREATE INDEX task_project ON task (project_id, done)', 3),
	migration(
		4,
		'labels',
		['label', 'task_label'].map((table): Operation => ({kind: 'createTable', sql: create(table)})),
		['task_label', 'label'].map((table): Operation => ({kind: 'dropTable', table})),
	),
	add('account', 'locale', "TEXT NOT NULL DEFAULT 'en'", 5),
	rebuild('task', task, `${task}, CHECK (done IN (0, 1))`, 6),
	data('trim_titles', ['UPDATE task SET title = trim(title) WHERE title <> trim(title)'], 7),
	migration(8, 'comments', [{kind: 'createTable', sql: create('comment')}], [{kind: 'dropTable', table: 'comment'}]),
	index('comment_task', 'CREATE INDEX comment_task ON comment (task_id)', 9),
	add('project', 'position', 'REAL', 10),
	rebuild('label', columnsOf.label as string, `${columnsOf.label}, UNIQUE (account_id, name)`, 11),
	migration(
		12,
		'open_tasks',
		[
			{
				kind: 'createView',
				sql: 'CREATE VIEW open_task AS SELECT t.id, t.title, p.title AS project FROM task AS t JOIN project AS p ON p.id = t.project_id WHERE t.done = 0',
			},
		],
		[{kind: 'dropView', view: 'open_task'}],
	),
	add('task', 'priority', 'INTEGER NOT NULL DEFAULT 0', 13),
	data(
		'priorities',
		['UPDATE task SET priority = 1 WHERE due_at IS NOT NULL', "INSERT INTO label (account_id, name) SELECT id, 'later' FROM account"],
		14,
	),
	migration(
		15,
		'touched',
		[
			{kind: 'addColumn', table: 'task', definition: 'touched_at TEXT'},
			{
				kind: 'createTrigger',
				sql: 'CREATE TRIGGER task_touched AFTER UPDATE OF title, notes ON task BEGIN UPDATE task SET touched_at = CURRENT_TIMESTAMP WHERE id = NEW.id; END',
			},
		],
		[
			{kind: 'dropTrigger', trigger: 'task_touched'},
			{kind: 'dropColumn', table: 'task', column: 'touched_at'},
		],
	),
	add('comment', 'edited', 'INTEGER NOT NULL DEFAULT 0', 16),
	migration(
		17,
		'rename_color',
		[{kind: 'renameColumn', table: 'project', column: 'color', to: 'accent'}],
		[{kind: 'renameColumn', table: 'project', column: 'accent', to: 'color'}],
	),
	index('task_due', 'CREATE INDEX task_due ON task (due_at) WHERE done = 0', 18),
	add('account', 'avatar', 'BLOB', 19),
	migration(
		20,
		'account_rules',
		[
			{
				kind: 'changeTable',
				table: 'account',
				sql: `CREATE TABLE account (${columnsOf.account}, locale TEXT NOT NULL DEFAULT 'en', avatar BLOB, CHECK (plan IN ('free', 'pro')))`,
				fill: {},
			},
		],
		[
			{
				kind: 'changeTable',
				table: 'account',
				sql: `CREATE TABLE account (${columnsOf.account}, locale TEXT NOT NULL DEFAULT 'en', avatar BLOB)`,
				fill: {},
			},
		],
	),
];
