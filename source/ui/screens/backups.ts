import type {BackupFile} from '../../core/migrations/backup/backup-files.ts';
import type {TableComparison} from '../../core/migrations/backup/compare-table.ts';
import {bytes, count, plural} from '../../core/text/numbers.ts';
import type {Consent} from '../components/confirm/reduce-confirm.ts';
import {openSelect, reduceSelect, type SelectState} from '../components/select/reduce-select.ts';
import {type SelectEntry, selectLines} from '../components/select/select-lines.ts';
import {types} from '../keys/key.ts';
import {done, next} from '../keys/screen-step.ts';
import {aligned} from '../page/columns.ts';
import {type Line, line, prose, ruled, type Span, span, spans} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import type {Page} from '../page/page.ts';
import type {Screen} from '../page/screen.ts';
import type {ListedBackup, RestorePlan} from '../services.ts';
import {ago} from '../text/ago.ts';
import {type ConsentState, consentScreen} from './consent.ts';

export interface BackupsProps {
	readonly backups: readonly ListedBackup[];
	readonly now: number;
	/** What leaving the list does. Default: `back`. */
	readonly back?: string | undefined;
}

/** Lists the automatic backups, newest first. Enter shows what restoring one would change. */
export function backupsScreen({backups, now, back = 'back'}: BackupsProps): Screen<SelectState, string | undefined> {
	const entries = backups.map(
		(backup): SelectEntry => ({
			label: [span(backup.id)],
			hint: spans(span(`${ago(backup.takenAt, now)} · ${bytes(backup.bytes)}`, 'quiet')),
			...(backup.reason === '' ? {} : {badge: spans(span(backup.reason, 'quiet'))}),
		}),
	);
	return {
		initial: () => openSelect(entries),
		reduce: (state, key) => {
			if (key.name === 'escape' || types(key, 'b') || types(key, 'q')) return done(state, undefined);
			const step = reduceSelect(state, key, entries);
			return step.entered === undefined ? next(step.state) : done(step.state, backups[step.entered]?.id);
		},
		view: (state, look) => ({
			title: {...line(span('Backups', 'strong')), aside: [span(plural(backups.length, 'backup'), 'quiet')]},
			...(entries.length === 0
				? {body: [prose(2, '  ', span('none yet; an upgrade that loses data or copies rows takes one first', 'quiet'))]}
				: selectLines(entries, state, look)),
			...pathToCopy(backups[state.index]),
			hints: [
				{keys: '↑↓', label: 'move', isExtra: true},
				...(entries.length === 0 ? [] : [{keys: 'enter', label: 'restore', explanation: 'first shows what would change'}]),
				{keys: 'esc', label: back},
			],
		}),
	};
}

function pathToCopy(selected: BackupFile | undefined): Pick<Page, 'copy'> {
	return selected === undefined ? {} : {copy: {what: 'the path of the backup', text: selected.path}};
}

/** Shows what restoring a backup would change, and asks for the name of the database. */
export function restoreScreen(plan: RestorePlan, now: number): Screen<ConsentState, Consent> {
	return consentScreen({
		title: line(span('▲ ', 'danger'), span(`Restore ${plan.database}`, 'danger'), '   ', span(`as it was ${ago(plan.backup.takenAt, now)}`, 'quiet')),
		losses: (look) => changedLines(plan, look),
		safety: [ruled(span('✔ ', 'done'), 'the current database is kept as a backup')],
		action: 'Restore',
		name: plan.database.split(/[/\\]/).at(-1) ?? plan.database,
	});
}

function changedLines({tables, migrations, damage}: RestorePlan, look: Look): readonly Line[] {
	if (damage !== undefined) return [ruled(span('▲ ', 'danger'), `${damage}: cannot determine what would be lost`)];
	if (tables.length + migrations.length === 0) return [ruled('no table differs in its rows or its definition')];
	const rows = aligned(
		tables.map((table) => [spans(span('│ ', 'quiet'), signOf(table), ` ${table.name}`), rowChanges(table)]),
		look,
	);
	return [
		...tables.flatMap((table, index) => [line(rows[index]!), ...moreChanges(table)]),
		...migrations.map((migration) => ruled(span('○ ', 'notice'), `${migration} becomes pending again`)),
	];
}

function signOf({rowsNow, rowsInBackup}: TableComparison): Span {
	if (rowsNow === null) return span('+', 'add');
	return rowsInBackup === null ? span('-', 'drop') : span('~', 'change');
}

function rowChanges({rowsNow, rowsInBackup}: TableComparison): readonly Span[] {
	if (rowsNow === null) return [span(`is restored with ${plural(rowsInBackup ?? 0, 'row')}`)];
	if (rowsInBackup === null) return rowsNow > 0 ? [span(`▲ is dropped with ${plural(rowsNow, 'row')}`, 'danger')] : [span('is dropped (empty)')];
	return [span(rowsNow === rowsInBackup ? plural(rowsNow, 'row') : `${count(rowsNow)} → ${plural(rowsInBackup, 'row')}`)];
}

/** Returns the changes that row counts do not show. */
function moreChanges({rowsNow, rowsInBackup, lost, reverted, schemaChanged, valuesGone = 0, columnsGone = []}: TableComparison): readonly Line[] {
	if (rowsNow === null || rowsInBackup === null) return [];
	return [
		...(lost > 0 ? [ruled('    ', span(`▲ ${plural(lost, 'row')} added since then ${lost === 1 ? 'is' : 'are'} lost`, 'danger'))] : []),
		...(reverted > 0
			? [ruled('    ', span(`▲ ${plural(reverted, 'row')} ${reverted === 1 ? 'gets its' : 'get their'} old values back`, 'danger'))]
			: []),
		...(valuesGone > 0
			? [
					ruled(
						'    ',
						span(`▲ ${plural(valuesGone, 'row')} ${valuesGone === 1 ? 'loses its' : 'lose their'} values in ${columnsGone.join(', ')}`, 'danger'),
					),
				]
			: []),
		...(schemaChanged ? [ruled('    ', span('its definition differs', 'quiet'))] : []),
	];
}
