import {bytes, count, plural} from '../../core/text/numbers.ts';
import {confirmLines} from '../components/confirm/confirm-lines.ts';
import {type ConfirmState, type Consent, openConfirm, reduceConfirm} from '../components/confirm/reduce-confirm.ts';
import {openSelect, reduceSelect, type SelectState} from '../components/select/reduce-select.ts';
import {type SelectEntry, selectLines} from '../components/select/select-lines.ts';
import {types} from '../keys/key.ts';
import {done, next} from '../keys/step.ts';
import {aligned} from '../page/columns.ts';
import {blank, type Line, line, prose, ruled, type Span, span, spans} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import type {Screen} from '../page/screen.ts';
import type {Backup, RestorePlan} from '../services.ts';
import {ago} from '../text/ago.ts';

export interface BackupsProps {
	readonly backups: readonly Backup[];
	readonly now: number;
}

/** The automatic backups, newest first; Enter shows what putting one back would change. */
export function backupsScreen({backups, now}: BackupsProps): Screen<SelectState, string | undefined> {
	const entries = backups.map(
		(backup): SelectEntry => ({
			label: [span(backup.id)],
			hint: spans(span(`${ago(backup.takenAt, now)} · ${bytes(backup.bytes)}`, 'quiet')),
			...(backup.before === null ? {} : {badge: spans(span(`before ${backup.before}`, 'quiet'))}),
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
			hints: [
				{keys: '↑↓', label: 'move'},
				...(entries.length === 0 ? [] : [{keys: 'enter', label: 'restore', explanation: 'shows first what would change'}]),
				{keys: 'esc', label: 'back'},
				{keys: '?', label: 'keys'},
			],
		}),
	};
}

/** What putting a backup back would change, and the name to type before it does. */
export function restoreScreen(plan: RestorePlan, now: number): Screen<ConfirmState, Consent> {
	const name = plan.database.split(/[/\\]/).at(-1) ?? plan.database;
	return {
		initial: openConfirm,
		reduce: (state, key) => reduceConfirm(state, key, name),
		view: (state, look) => ({
			title: line(
				span('▲ ', 'danger'),
				span(`Restore ${plan.database}`, 'danger'),
				'   ',
				span(`as it was ${ago(plan.backup.takenAt, now)}`, 'quiet'),
			),
			body: [...changedLines(plan, look), ruled(span('✔ ', 'done'), 'the database as it is now is kept as a backup, too')],
			bottom: [blank, ...confirmLines(state, look, {action: 'Restore', name})],
			hints: [
				{keys: '↑↓', label: 'move'},
				{keys: 'enter', label: state.isOnCancel ? 'cancel' : 'restore'},
				{keys: 'esc', label: 'cancel', explanation: 'nothing is changed'},
			],
			isTyping: true,
		}),
	};
}

function changedLines({tables, migrations}: RestorePlan, look: Look): readonly Line[] {
	if (tables.length + migrations.length === 0) return [ruled('no table differs in its rows or its definition')];
	const cells = tables.map(({name, now, then, isChanged}): (readonly Span[])[] => [
		spans(span('│ ', 'quiet'), signOf(now, then), ` ${name}`),
		[span(`${rowsOf(now)} → ${rowsOf(then)}`)],
		[span(isChanged && now !== null && then !== null ? 'definition differs' : '', 'quiet')],
	]);
	return [
		...aligned(cells, look).map((row) => line(row)),
		...migrations.map((migration) => ruled(span('○ ', 'notice'), `${migration} is pending again`)),
	];
}

function signOf(now: number | null, then: number | null): Span {
	if (now === null) return span('+', 'add');
	return then === null ? span('-', 'drop') : span('~', 'change');
}

function rowsOf(rows: number | null): string {
	return rows === null ? 'not there' : `${count(rows)} ${rows === 1 ? 'row' : 'rows'}`;
}
