import {definitionLines} from '../../core/ddl/definition-lines.ts';
import {MigrError} from '../../core/errors.ts';
import {advanceAll} from '../../core/operations/advance.ts';
import type {Operation} from '../../core/operations/operation.ts';
import {findTable} from '../../core/schema/lookup.ts';
import type {Schema} from '../../core/schema/schema.ts';
import type {ChangedObject} from '../services.ts';

/** Adds the definitions of changed tables before and after the operations, as lines. */
export function withDefinitions(objects: readonly ChangedObject[], before: Schema, operations: readonly Operation[]): readonly ChangedObject[] {
	const after = advanced(before, operations);
	if (after === undefined) return objects;
	return objects.map((object) => {
		const [was, is] = [object.table === undefined ? undefined : findTable(before, object.table), findTable(after, object.label)];
		if (was === undefined && is === undefined) return object;
		return {...object, definition: {before: linesOf(was?.sql), after: linesOf(is?.sql)}};
	});
}

/** Returns undefined if there are plain statements between the operations, because only SQLite knows their effect. */
function advanced(before: Schema, operations: readonly Operation[]): Schema | undefined {
	try {
		return advanceAll(before, operations);
	} catch (error) {
		if (error instanceof MigrError) return undefined;
		throw error;
	}
}

function linesOf(sql: string | undefined): readonly string[] {
	return sql === undefined ? [] : definitionLines(sql);
}
