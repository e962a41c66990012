import type {DraftFinding} from '../../core/migrations/finding.ts';
import type {PreviewChange, PreviewObject} from '../../core/plan/preview.ts';
import type {RowCount} from '../../core/plan/preview-text.ts';
import {sameName} from '../../core/schema/identifiers.ts';
import type {ChangedObject} from '../services.ts';

/**
 * Adds the number of affected rows to previewed objects. A change whose rows were checked only loses data if there is a finding about it, and a dropped
 * column only if it has values.
 *
 * @param findings the findings about these objects. Undefined if no rows were checked.
 */
export function withRows(objects: readonly PreviewObject[], rows: RowCount, findings?: readonly DraftFinding[]): readonly ChangedObject[] {
	return objects.map((object) => {
		const {table} = object;
		const counted = table === undefined ? null : rows(table);
		if (table === undefined || counted === null || findings === undefined) return {...object, rows: counted};
		const changes = object.changes.map((change) => ({...change, isDestructive: change.isDestructive && losesValues(change, table, findings)}));
		const isDestructive = object.mark === '~' && object.changes.length > 0 ? changes.some((change) => change.isDestructive) : object.isDestructive;
		return {...object, rows: counted, changes, isDestructive};
	});
}

function losesValues({mark, subject}: PreviewChange, table: string, findings: readonly DraftFinding[]): boolean {
	const own = findings.filter(({column}) => column !== null && sameName(column, subject));
	// A pending migration may have renamed the table, so only findings under its own name show that nothing is lost.
	if (mark === '~') return own.some(({destructive, blocking}) => destructive || blocking);
	const isEmpty = ({kind, rows, table: named}: DraftFinding) => kind === 'dropColumn' && rows === 0 && sameName(named, table);
	return !own.some(isEmpty);
}

/** Returns the number of rows that are read or copied, counting each table once. */
export function rowsTouched(changes: readonly ChangedObject[]): number {
	const tables = new Map(
		changes.filter(({strategy}) => strategy === 'rewrite' || strategy === 'scan' || strategy === 'index').map(({table, rows}) => [table, rows ?? 0]),
	);
	return [...tables.values()].reduce((sum, rows) => sum + rows, 0);
}
