import type {PreviewChange, PreviewObject} from '../../plan/preview.ts';
import {sameName} from '../../schema/identifiers.ts';
import type {DraftFinding} from '../finding.ts';

/** The findings about previewed objects. */
export interface Examined {
	readonly findings: readonly DraftFinding[];
	/** True for a table whose rows were checked, by its name before the migration. */
	readonly isExamined: (table: string) => boolean;
}

/**
 * Returns previewed objects with only those changes marked as destructive that are, in tables whose rows were checked: those with a finding, and dropped
 * columns that have values.
 */
export function examinedPreview(objects: readonly PreviewObject[], {findings, isExamined}: Examined): readonly PreviewObject[] {
	return objects.map((object) => {
		const {table} = object;
		if (table === undefined || !isExamined(table)) return object;
		const changes = object.changes.map((change) => ({...change, isDestructive: change.isDestructive && losesValues(change, table, findings)}));
		const isDestructive = object.mark === '~' && changes.length > 0 ? changes.some((change) => change.isDestructive) : object.isDestructive;
		return {...object, changes, isDestructive};
	});
}

function losesValues({mark, subject}: PreviewChange, table: string, findings: readonly DraftFinding[]): boolean {
	const own = findings.filter(({column}) => column !== null && sameName(column, subject));
	// A pending migration may have renamed the table, so only findings under its own name show that nothing is lost.
	if (mark === '~') return own.some(({destructive, blocking}) => destructive || blocking);
	return !own.some(({kind, rows, table: named}) => kind === 'dropColumn' && rows === 0 && sameName(named, table));
}
