import {MigrError} from '../../errors.ts';
import type {Step} from '../../plan/step.ts';
import {nameKey} from '../../schema/identifiers.ts';
import {clean} from '../../text/clean.ts';
import {count} from '../../text/numbers.ts';

/**
 * Seconds after which an engine stops a batch. D1: https://developers.cloudflare.com/d1/platform/limits/. libSQL: measured with sqld, which gives the lock
 * to another writer after 5 s.
 */
const limits: Readonly<Record<string, number>> = {d1: 30, libsql: 5};

/** Rows that an engine copies per second, cautiously: a local rewrite copies more than a million. */
const rowsPerSecond = 100_000;

/**
 * Refuses a rewrite that the engine would stop in the middle, estimated from the number of rows.
 *
 * @param rows the number of rows of each table, by its current name
 * @throws MigrError `plan` if the rewrites take too long
 */
export function requireFastEnough(
	steps: readonly Step[],
	rows: ReadonlyMap<string, number>,
	{kind, name}: {readonly kind: string; readonly name: string},
): void {
	const limit = limits[kind];
	if (limit === undefined) return;
	const byKey = new Map([...rows].map(([table, number]) => [nameKey(table), number]));
	const copied = steps.reduce(
		(sum, step) => sum + (step.kind === 'rewrite' || step.kind === 'editSchema' ? (byKey.get(nameKey(step.table)) ?? 0) : 0),
		0,
	);
	const seconds = copied / rowsPerSecond;
	if (seconds <= limit) return;
	throw new MigrError(
		'plan',
		`${clean(name)} would stop this migration: it copies ${count(copied)} rows, about ${Math.round(seconds)} s, and the limit is ${limit} s`,
		{
			hint: 'add a new column or table, and copy the rows in smaller parts with op.execute in several migrations',
		},
	);
}
