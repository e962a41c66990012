import {MigrError} from '../errors.ts';
import {managedSchema} from '../migrations/history/managed-schema.ts';
import {schemaDifferences} from '../migrations/replay/schema-differences.ts';
import type {Schema} from '../schema/schema.ts';
import {introspect} from '../sqlite/introspect.ts';
import {openDatabase} from '../sqlite/open.ts';
import {clean} from '../text/clean.ts';

/** Returns the schema of a database file, without migration tables and ignored objects. */
export function schemaOfFile(file: string, ignore: readonly string[]): Schema {
	const db = openDatabase(file, {readonly: true});
	try {
		return managedSchema(introspect(db), ignore);
	} finally {
		db.close();
	}
}

/** @throws MigrError `history` with the definitions of the objects that differ */
export function requireSchema(expected: Schema, actual: Schema, message: string): void {
	const differences = schemaDifferences(expected, actual);
	if (differences.length === 0) return;
	const details = differences.flatMap(({object, name, kind}) => {
		if (kind === 'missing') return [`${object} ${clean(name)} is missing`];
		if (kind === 'unexpected') return [`${object} ${clean(name)} should not exist`];
		return [
			`${object} ${clean(name)} differs`,
			`expected: ${definitionOf(expected, object, name)}`,
			`actual:   ${definitionOf(actual, object, name)}`,
		];
	});
	throw new MigrError('history', message, {details});
}

function definitionOf(schema: Schema, kind: string, name: string): string {
	const objects = [...schema.tables, ...schema.virtualTables, ...schema.indexes, ...schema.views, ...schema.triggers];
	const found = objects.find((object) => object.kind === kind && object.name.toLowerCase() === name.toLowerCase());
	return clean((found?.sql ?? '').replace(/\s+/g, ' '));
}
