import {nameKey} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import {count} from '../../text/numbers.ts';
import type {Finding} from '../finding.ts';
import {preflight} from '../preflight/preflight.ts';
import type {PreparedRun} from '../run/prepared-run.ts';

/**
 * Returns the findings of a run on a database that has too many rows for a copy. Planned operations are checked by queries on the server. What statements
 * do to rows cannot be determined in advance, so each one that may change or delete rows is a finding that needs consent.
 */
export function remoteFindings(db: Database, {migrations}: PreparedRun, rows: number): readonly Finding[] {
	const {findings} = preflight({db, runs: migrations, replayed: migrations});
	return [...findings, ...migrations.flatMap((migration) => unmeasured(migration, rows))];
}

function unmeasured({name, scriptSteps}: PreparedRun['migrations'][number], rows: number): readonly Finding[] {
	return scriptSteps.flatMap(({step, writes, schema}): readonly Finding[] => {
		if (step.kind !== 'execute' || writes === undefined || writes.isAppend) return [];
		const table = schema.tables.find((one) => writes.tables.has(nameKey(one.name)))?.name;
		if (table === undefined) return [];
		return [
			{
				migration: name,
				kind: 'deleteRows',
				table,
				column: null,
				message: `a statement may change or delete rows, which was not measured: the database has ${count(rows)} rows`,
				rows: 0,
				totalRows: 0,
				blocking: false,
				destructive: true,
				samples: [],
				sql: null,
				fixes: [],
				...(step.operation.origin === undefined ? {} : {location: step.operation.origin}),
			},
		];
	});
}
