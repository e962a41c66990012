import {schemaOf} from '../../../../source/core/ddl/read.ts';
import {diff} from '../../../../source/core/diff/diff.ts';
import {objectOf} from '../../../../source/core/models/objects.ts';
import {readPrismaModels} from '../../../../source/core/models/prisma/read.ts';
import type {Schema} from '../../../../source/core/schema/schema.ts';
import {introspect} from '../../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../../source/core/sqlite/open.ts';

/** What is compared of a schema: what lite-migr would change, and the order of columns, which it ignores. */
interface Compared {
	readonly changes: readonly unknown[];
	readonly order: readonly unknown[];
}

/** Compares the tables of a Prisma schema with those that SQL creates in SQLite. */
export function sameDefinitions(text: string, sql: string): {readonly expected: Compared; readonly actual: Compared} {
	const models = schemaOf(readPrismaModels([{path: 'schema.prisma', text}]).map(objectOf));
	const facts = built(sql);
	const changes = [diff(facts, models), diff(models, facts)].flatMap(({operations, questions}) => [...operations, ...questions]);
	// The definitions are run as well: SQLite accepts them, and they mean the same there.
	const again = built([...models.tables, ...models.indexes].map((object) => `${object.sql};`).join('\n'));
	changes.push(...diff(facts, again).operations);
	return {expected: {changes: [], order: orderOf(facts)}, actual: {changes, order: orderOf(models)}};
}

function built(sql: string): Schema {
	const db = openInMemory();
	try {
		db.exec(sql);
		return introspect(db);
	} finally {
		db.close();
	}
}

function orderOf({tables}: Schema): readonly unknown[] {
	return tables.map(({name, columns}) => [name, ...columns.map((column) => column.name)]).toSorted();
}
