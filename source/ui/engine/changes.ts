import type {DraftFinding} from '../../core/migrations/finding.ts';
import type {PreviewChange, PreviewObject} from '../../core/plan/preview.ts';
import type {RowCount} from '../../core/plan/preview-text.ts';
import {sameName} from '../../core/schema/identifiers.ts';
import type {ChangedObject} from '../services.ts';

/** Adds the number of affected rows to previewed objects. A change whose rows were checked only loses data if there is a finding about it. */
export function withRows(objects: readonly PreviewObject[], rows: RowCount, findings?: readonly DraftFinding[]): readonly ChangedObject[] {
	return objects.map((object) => {
		const counted = object.table === undefined ? null : rows(object.table);
		if (counted === null || findings === undefined) return {...object, rows: counted};
		const isFound = ({mark, subject}: PreviewChange) =>
			mark !== '~' || findings.some(({destructive, blocking, column}) => (destructive || blocking) && column !== null && sameName(column, subject));
		return {...object, rows: counted, changes: object.changes.map((change) => ({...change, isDestructive: change.isDestructive && isFound(change)}))};
	});
}

/** Returns the number of rows that are read or copied, counting each table once. */
export function rowsTouched(changes: readonly ChangedObject[]): number {
	const tables = new Map(
		changes.filter(({strategy}) => strategy === 'rewrite' || strategy === 'scan' || strategy === 'index').map(({table, rows}) => [table, rows ?? 0]),
	);
	return [...tables.values()].reduce((sum, rows) => sum + rows, 0);
}
