import {expect, test} from 'vitest';
import {readSchema} from '../../../../source/core/ddl/read.ts';
import {noDecisions} from '../../../../source/core/diff/question.ts';
import {draftMigration} from '../../../../source/core/migrations/draft/draft.ts';
import {emptySchema} from '../../../../source/core/schema/schema.ts';

const draftWith = (table: string) => {
	const models = readSchema([{type: 'table', name: table, sql: `CREATE TABLE "${table}" (id INTEGER PRIMARY KEY)`}]);
	return draftMigration({from: emptySchema, models, decisions: noDecisions});
};

test("a model of another tool's migration table is an error that names the tool", () => {
	expect(() => draftWith('django_migrations')).toThrow('is the migration table of Django');
	expect(() => draftWith('_cf_KV')).toThrow('_cf_KV is a table of Cloudflare D1, so it cannot be a model');
	expect(() => draftWith('_LITE_migr')).toThrow('is the migration table of lite-migr');
	expect(draftWith('django').operations).toHaveLength(1);
});
