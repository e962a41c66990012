import {historyTable} from '../../runtime/history-table.ts';
import {plural} from '../../text/numbers.ts';
import {callText} from '../files/call-text.ts';
import type {Finding} from '../finding.ts';
import type {LoadedRun} from './load-selected.ts';

const most = 5;

/** Returns a finding for each migration that is undone with its stored downgrade. This always needs consent, because no file in the project shows it. */
export function storedDowngradeFindings(migrations: readonly LoadedRun[]): readonly Finding[] {
	return migrations
		.filter(({origin}) => origin === 'stored')
		.map(({name, operations}): Finding => {
			const calls = operations.slice(0, most).map(callText);
			const more = operations.length > most ? [`${plural(operations.length - most, 'more operation')}`] : [];
			const what = operations.length === 0 ? 'which does nothing' : `which runs: ${[...calls, ...more].join('; ')}`;
			return {
				migration: name,
				kind: 'storedDowngrade',
				table: historyTable,
				column: null,
				message: `${name} has no file, so it is undone with the downgrade stored in the database, ${what}`,
				rows: 0,
				totalRows: 0,
				blocking: false,
				destructive: true,
				samples: [],
				sql: null,
				fixes: [],
			};
		});
}
