import {restated} from '../errors.ts';
import type {ApplyOutcome} from './engine.ts';

/**
 * Switches `legacy_alter_table` off again after a batch that did not commit. A rollback does not reset a pragma, and on D1 and rqlite the connection
 * serves the next user. Returns the outcome, with a warning if it cannot be switched off.
 *
 * @param reset runs one statement and resolves to true if it worked
 */
export async function resetLegacyAlter(
	outcome: ApplyOutcome,
	statements: readonly string[],
	reset: (sql: string) => Promise<boolean>,
): Promise<ApplyOutcome> {
	if (outcome.kind === 'committed' || !statements.some((sql) => /\blegacy_alter_table\b/i.test(sql))) return outcome;
	if (await reset('PRAGMA legacy_alter_table=OFF')) return outcome;
	const warning = 'PRAGMA legacy_alter_table may still be on: switch it off before you rename a table or column';
	return {...outcome, error: restated(outcome.error, {details: [...outcome.error.details, warning]})};
}
