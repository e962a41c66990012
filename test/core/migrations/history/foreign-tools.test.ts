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
		['Prisma', 'CREATE TABLE _prisma_migrations (id TEXT PRIMARY KEY);', ['_prisma_migrations']],
	])('are attributed to %s, and are not managed', (tool, sql, tables) => {
		const schema = schemaOf(`${sql} CREATE TABLE user (id INTEGER PRIMARY KEY);`);
		expect(foreignToolsIn(schema).map((found) => ({...found, tables: found.tables.toSorted()}))).toEqual([{tool, tables}]);
		expect(managedSchema(schema).tables.map(({name}) => name)).toEqual(['user']);
	});

	test('do not include a table of the user that is also called migrations', () => {
		const schema = schemaOf('CREATE TABLE migrations (id INTEGER PRIMARY KEY, bird TEXT, year INTEGER);');
		expect(foreignToolsIn(schema)).toEqual([]);
		expect(managedSchema(schema).tables).toHaveLength(1);
	});
});
