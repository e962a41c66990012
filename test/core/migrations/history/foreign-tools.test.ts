import {describe, expect, test} from 'vitest';
import {foreignToolsIn} from '../../../../source/core/migrations/history/foreign-tools.ts';
import {managedSchema} from '../../../../source/core/migrations/history/managed-schema.ts';
import {introspect} from '../../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../../source/core/sqlite/open.ts';

function schemaOf(sql: string) {
	const db = openInMemory();
	db.exec(sql);
	const schema = introspect(db);
	db.close();
	return schema;
}

const versions = 'CREATE TABLE schema_migrations (version VARCHAR(128) PRIMARY KEY);';

describe('the migration tables of a database', () => {
	test.each([
		['dbmate', versions, ['schema_migrations']],
		['golang-migrate', 'CREATE TABLE schema_migrations (version uint64, dirty bool);', ['schema_migrations']],
		[
			'Rails',
			`${versions} CREATE TABLE ar_internal_metadata (key VARCHAR PRIMARY KEY, value VARCHAR);`,
			['ar_internal_metadata', 'schema_migrations'],
		],
		[
			'TypeORM',
			'CREATE TABLE migrations (id integer PRIMARY KEY AUTOINCREMENT NOT NULL, timestamp bigint NOT NULL, name varchar NOT NULL);',
			['migrations'],
		],
		[
			'Knex',
			"CREATE TABLE versions (id integer not null primary key autoincrement, name varchar(255), batch integer, migration_time datetime); CREATE TABLE versions_lock ('index' integer not null primary key autoincrement, is_locked integer);",
			['versions', 'versions_lock'],
		],
		[
			'Kysely',
			'CREATE TABLE "steps" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null); CREATE TABLE "kysely_migration_lock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null);',
			['kysely_migration_lock', 'steps'],
		],
		['Prisma', 'CREATE TABLE _prisma_migrations (id TEXT PRIMARY KEY);', ['_prisma_migrations']],
	])('are attributed to %s, and are not managed', (tool, sql, tables) => {
		const schema = schemaOf(`${sql} CREATE TABLE user (id INTEGER PRIMARY KEY);`);
		expect(foreignToolsIn(schema).map((found) => ({...found, tables: found.tables.toSorted()}))).toEqual([{tool, tables}]);
		expect(managedSchema(schema).tables.map(({name}) => name)).toEqual(['user']);
	});

	test('do not include tables of the user that have the columns of another tool by chance', () => {
		const schema = schemaOf('CREATE TABLE events (name TEXT, timestamp INTEGER); CREATE TABLE locks (id INTEGER PRIMARY KEY, is_locked INTEGER);');
		expect(foreignToolsIn(schema)).toEqual([]);
		expect(managedSchema(schema).tables).toHaveLength(2);
	});

	test('do not include a user table that is also called migrations', () => {
		const schema = schemaOf('CREATE TABLE migrations (id INTEGER PRIMARY KEY, bird TEXT, year INTEGER);');
		expect(foreignToolsIn(schema)).toEqual([]);
		expect(managedSchema(schema).tables).toHaveLength(1);
	});
});
