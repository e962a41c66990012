import type {Database} from '../../sqlite/database.ts';
import {countRows} from '../../sqlite/table-facts.ts';
import type {ComparisonBase} from '../replay/comparison-base.ts';
import {upgradesOf} from '../replay/replay.ts';
import {preflight} from './preflight.ts';

/** Returns the names of pending migrations that lose rows or values, or may do so. Empty without a database. */
export function pendingLosses({migrations, pending}: ComparisonBase, db: Database | undefined): ReadonlySet<string> {
	if (db === undefined || migrations.length === 0) return new Set();
	const {findings} = preflight({db, runs: upgradesOf(migrations), replayed: pending.migrations});
	const named = findings.filter(({destructive}) => destructive).map(({migration}) => migration);
	const possible = pending.migrations.filter(({mayLose}) => mayLose.some((table) => countRows(db, table) > 0)).map(({name}) => name);
	return new Set([...named, ...possible]);
}
