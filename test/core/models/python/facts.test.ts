import {readdirSync, readFileSync} from 'node:fs';
import {join, relative} from 'node:path';
import {describe, expect, test} from 'vitest';
import {readStatement, schemaOf} from '../../../../source/core/ddl/read.ts';
import {diff} from '../../../../source/core/diff/diff.ts';
import {readPythonModels} from '../../../../source/core/models/python/read.ts';
import type {Schema} from '../../../../source/core/schema/schema.ts';
import {introspect} from '../../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../../source/core/sqlite/open.ts';

const fixtures = join(import.meta.dirname, 'fixtures');

/** Returns every .py file of a folder, with a path as in a project. */
function filesOf(folder: string): {path: string; text: string}[] {
	const entries = readdirSync(folder, {recursive: true, withFileTypes: true});
	return entries
		.filter((entry) => entry.isFile() && entry.name.endsWith('.py'))
		.map((entry) => join(entry.parentPath, entry.name))
		.sort()
		.map((path) => ({path: join('app/models', relative(folder, path)), text: readFileSync(path, 'utf8')}));
}

function schemaFrom(sql: string): Schema {
	const db = openInMemory();
	db.exec(sql);
	const schema = introspect(db);
	db.close();
	return schema;
}

describe('models give the same schema as in pylite-orm 0.1.4', () => {
	for (const name of readdirSync(fixtures)) {
		test(name, () => {
			const statements = readPythonModels(filesOf(join(fixtures, name, 'models')));
			const read = schemaOf(statements.flatMap(({sql, source}) => readStatement(sql, source) ?? []));
			const facts = schemaFrom(readFileSync(join(fixtures, name, 'schema.sql'), 'utf8'));
			expect(diff(facts, read), 'from the facts to the models').toMatchObject({operations: [], questions: []});
			expect(diff(read, facts), 'from the models to the facts').toMatchObject({operations: [], questions: []});
			const order = (schema: Schema) =>
				schema.tables.map((table) => [table.name, table.columns.map((column) => `${column.name} ${column.type}`)]).sort();
			expect(order(schemaFrom(statements.map(({sql}) => `${sql};`).join('\n')))).toEqual(order(facts));
		});
	}
});
