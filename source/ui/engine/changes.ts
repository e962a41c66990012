import {type Examined, examinedPreview} from '../../core/migrations/preflight/examined-preview.ts';
import type {PreviewObject} from '../../core/plan/preview.ts';
import type {RowCount} from '../../core/plan/preview-text.ts';
import type {ChangedObject} from '../services.ts';

/**
 * Adds the number of affected rows to previewed objects.
 *
 * @param examined the findings about these objects. Undefined if no rows were checked.
 */
export function withRows(objects: readonly PreviewObject[], rows: RowCount, examined?: Examined): readonly ChangedObject[] {
	const counted = examined === undefined ? objects : examinedPreview(objects, examined);
	return counted.map((object) => ({...object, rows: object.table === undefined ? null : rows(object.table)}));
}

/** Returns the number of rows that are read or copied, counting each table once. */
export function rowsTouched(changes: readonly ChangedObject[]): number {
	const tables = new Map(
		changes.filter(({strategy}) => strategy === 'rewrite' || strategy === 'scan' || strategy === 'index').map(({table, rows}) => [table, rows ?? 0]),
	);
	return [...tables.values()].reduce((sum, rows) => sum + rows, 0);
}
