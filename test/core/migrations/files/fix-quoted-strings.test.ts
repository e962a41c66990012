import {describe, expect, test} from 'vitest';
import {readSchema} from '../../../../source/core/ddl/read.ts';
import {noDecisions} from '../../../../source/core/diff/question.ts';
import {draftMigration} from '../../../../source/core/migrations/draft/draft.ts';
import {fixedStrings, fixesBefore} from '../../../../source/core/migrations/files/fix-quoted-strings.ts';
import {writeMigration} from '../../../../source/core/migrations/files/write.ts';
import {advanceAll} from '../../../../source/core/operations/advance.ts';
import type {Schema} from '../../../../source/core/schema/schema.ts';

const table = (name: string, sql: string) => ({type: 'table', name, sql});
const old = schemaWith('CREATE TABLE old (id INTEGER PRIMARY KEY, k TEXT CHECK (k IN ("a", "b")), n INTEGER)');
const fixed = "CREATE TABLE old (id INTEGER PRIMARY KEY, k TEXT CHECK (k IN ('a', 'b')), n INTEGER)";

function schemaWith(sql: string): Schema {
	return readSchema([table('old', sql), {type: 'index', name: 'old_n', sql: `CREATE INDEX old_n ON old (n) WHERE k = 'a'`}]);
}

describe('string literals in double quotes', () => {
	test('are fixed in tables and indexes, and a schema without any is returned unchanged', () => {
		const schema = readSchema([
			table('old', old.tables[0]?.sql ?? ''),
			{type: 'index', name: 'old_n', sql: 'CREATE INDEX old_n ON old ("n") WHERE k = "a"'},
		]);
		const {tables, indexes} = fixedStrings(schema);
		expect(tables[0]?.sql).toBe(fixed);
		expect(indexes[0]?.sql).toBe(`CREATE INDEX old_n ON old ("n") WHERE k = 'a'`);
		const whole = schemaWith(fixed);
		expect(fixedStrings(whole)).toBe(whole);
	});

	test('are fixed before a rename, which SQLite would refuse otherwise', () => {
		const models = schemaWith(fixed.replace('n INTEGER', 'm INTEGER'));
		const renamed = readSchema([
			table('old', models.tables[0]?.sql ?? ''),
			{type: 'index', name: 'old_n', sql: "CREATE INDEX old_n ON old (m) WHERE k = 'a'"},
		]);
		const decisions = {...noDecisions, renames: [{table: 'old', column: 'n', to: 'm'}]};
		const {operations, questions} = draftMigration({from: old, models: renamed, decisions});
		expect(questions).toEqual([]);
		expect(operations).toEqual([
			{kind: 'changeTable', table: 'old', sql: fixed, fill: {}},
			{kind: 'renameColumn', table: 'old', column: 'n', to: 'm'},
		]);
	});

	test('do not come back in a downgrade, because SQLite no longer creates them', () => {
		const models = schemaWith(fixed.replace('n INTEGER', 'n TEXT'));
		const {operations} = draftMigration({from: old, models, decisions: noDecisions});
		const [up, down] = writeMigration('ts', old, operations).split('export function downgrade') as [string, string];
		expect(up).toContain('n TEXT');
		expect(down).toContain("IN ('a', 'b')");
		expect(down).not.toContain('"a"');
	});

	test('are left unchanged if nothing is renamed', () => {
		expect(fixesBefore(old, [{kind: 'addColumn', table: 'old', definition: 'x TEXT'}])).toEqual([]);
		expect(advanceAll(old, fixesBefore(old, [{kind: 'renameTable', table: 'old', to: 'new'}])).tables[0]?.sql).toBe(fixed);
	});
});
