import {plural} from '../../text/numbers.ts';
import {deletedText} from '../effect-text.ts';
import type {EffectSample} from '../event.ts';
import type {Finding, FindingSample} from '../finding.ts';
import type {MeasuredTable} from './measured-table.ts';

/** Returns the effects of a run on rows that need consent, one finding for each table and column. */
export function lossFindings(measured: readonly Pick<MeasuredTable, 'migration' | 'effect'>[]): readonly Finding[] {
	return measured.flatMap(({migration, effect}): readonly Finding[] => {
		const location = effect.by[0]?.location ?? undefined;
		const shared = {
			migration,
			table: effect.table,
			totalRows: effect.rowsBefore,
			blocking: false,
			destructive: true,
			sql: null,
			fixes: [],
			...(location === undefined ? {} : {location}),
		} as const;
		const rows: readonly Finding[] =
			effect.rowsGone === 0
				? []
				: [
						{
							...shared,
							kind: 'deleteRows',
							column: null,
							rows: effect.rowsGone,
							message: deletedText(effect),
							samples: samplesOf(effect.samples, null),
						},
					];
		const values = effect.columns.flatMap(({column, valuesGone, valuesChanged, valuesConverted, merged}): readonly Finding[] => {
			const samples = samplesOf(effect.samples, column);
			const gone = {
				...shared,
				kind: 'valuesGone',
				column,
				rows: valuesGone,
				message: `${plural(valuesGone, 'value')} ${are(valuesGone)} lost`,
				samples,
			} as const;
			const same = {
				...shared,
				kind: 'valuesMerged',
				column,
				rows: valuesChanged,
				message: `${plural(valuesChanged, 'value')} change, and many different values become few`,
				samples,
			} as const;
			const converted = {
				...shared,
				kind: 'convert',
				column,
				rows: valuesConverted,
				message: `${plural(valuesConverted, 'value')} would change under the new column type`,
				samples,
			} as const;
			return [...(valuesGone > 0 ? [gone] : []), ...(valuesConverted > 0 ? [converted] : []), ...(merged ? [same] : [])];
		});
		return [...rows, ...values];
	});
}

function are(rows: number): string {
	return rows === 1 ? 'is' : 'are';
}

function samplesOf(samples: readonly EffectSample[], column: string | null): readonly FindingSample[] {
	return samples
		.filter((sample) => sample.column === column)
		.map(({row, before, after}): FindingSample => ({row, value: before, ...(column === null ? {} : {becomes: after})}));
}
