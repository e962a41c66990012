import type {Database} from '../../sqlite/database.ts';
import type {Base} from '../replay/base.ts';
import {upgradesOf} from '../replay/replay.ts';
import {preflight} from './preflight.ts';

/** Names of pending migrations that lose rows or values; none without a database, where there is nothing to lose. */
export function pendingLosses({migrations, pending}: Base, db: Database | undefined): ReadonlySet<string> {
	if (db === undefined || migrations.length === 0) return new Set();
	const {findings} = preflight({db, runs: upgradesOf(migrations), replayed: pending.migrations});
	return new Set(findings.filter(({destructive}) => destructive).map(({migration}) => migration));
}
