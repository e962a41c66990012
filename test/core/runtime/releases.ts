import {compileBundle} from '../../../source/core/migrations/bundle/compile-bundle.ts';
import type {Operation} from '../../../source/core/operations/operation.ts';
import type {Bundle} from '../../../source/core/runtime/bundle.ts';
import {creating, type PlainMigration, sourceOf} from '../../laws/bundle-source.ts';

const execute = (sql: string): Operation => ({kind: 'execute', sql, parameters: []});
const change = (table: string, sql: string, fill: Readonly<Record<string, string>> = {}): Operation => ({kind: 'changeTable', table, sql, fill});

const user = 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT)';
const post = 'CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE, title TEXT)';

/** The migration of the first release. */
export const firstMigration: PlainMigration = {
	...creating('20260101_000000_start', [user, post, 'CREATE INDEX post_user ON post (user_id)']),
	downgrade: [
		{kind: 'dropTable', table: 'post'},
		{kind: 'dropTable', table: 'user'},
	],
};

/** Six releases of a small app: a new column, a rebuilt parent, a changed type, statements about rows, a view and a trigger, and a rename. */
const migrations: readonly PlainMigration[] = [
	firstMigration,
	{
		name: '20260102_000000_likes',
		upgrade: [{kind: 'addColumn', table: 'post', definition: 'likes INTEGER DEFAULT 0'}],
		downgrade: [{kind: 'dropColumn', table: 'post', column: 'likes'}],
	},
	{
		name: '20260103_000000_unique',
		upgrade: [change('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, nick TEXT)')],
		downgrade: [change('user', user)],
	},
	{
		name: '20260104_000000_levels',
		upgrade: [
			execute('CREATE TABLE level (id INTEGER PRIMARY KEY, name TEXT NOT NULL)'),
			execute("INSERT INTO level (id, name) VALUES (1, 'new'), (2, 'old')"),
			execute('UPDATE post SET title = upper(title) WHERE likes > 3'),
		],
		downgrade: [{kind: 'dropTable', table: 'level'}],
	},
	{
		name: '20260105_000000_popular',
		upgrade: [
			{kind: 'createView', sql: 'CREATE VIEW popular AS SELECT p.id, u.name FROM post AS p JOIN user AS u ON u.id = p.user_id WHERE p.likes > 3'},
			{
				kind: 'createTrigger',
				sql: 'CREATE TRIGGER post_likes AFTER INSERT ON post BEGIN UPDATE post SET likes = coalesce(likes, 0) WHERE id = NEW.id; END',
			},
		],
		downgrade: [
			{kind: 'dropTrigger', trigger: 'post_likes'},
			{kind: 'dropView', view: 'popular'},
		],
	},
	{
		name: '20260106_000000_headline',
		upgrade: [{kind: 'renameColumn', table: 'post', column: 'title', to: 'headline'}],
		downgrade: [{kind: 'renameColumn', table: 'post', column: 'headline', to: 'title'}],
	},
];

export const releaseNames: readonly string[] = migrations.map(({name}) => name);

/** Returns the bundles of all releases: the first with one migration, the last with all of them. */
export async function releases(): Promise<readonly Bundle[]> {
	const bundles: Bundle[] = [];
	for (const count of migrations.keys()) bundles.push((await compileBundle(sourceOf(migrations.slice(0, count + 1)))).bundle);
	return bundles;
}

/** Rows of the first release. */
export const firstRows: readonly string[] = [
	"INSERT INTO user (id, name, nick) VALUES (1, 'Ann', 'a'), (2, 'Bob', NULL), (3, 'Cid', 'c')",
	"INSERT INTO post (id, user_id, title) VALUES (10, 1, 'x'), (11, 1, 'y'), (12, 3, NULL)",
];
