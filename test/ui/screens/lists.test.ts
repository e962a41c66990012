import {describe, expect, test} from 'vitest';
import {errorLines} from '../../../source/ui/components/error-view/error-lines.ts';
import {textOf} from '../../../source/ui/page/line.ts';
import {backupsScreen, restoreScreen} from '../../../source/ui/screens/backups.ts';
import {historyScreen, migrationScreen} from '../../../source/ui/screens/history.ts';
import {nameScreen} from '../../../source/ui/screens/name.ts';
import {key, pasted, played, tiny, wide} from '../keys/typed.ts';
import {screenText} from '../page/text.ts';
import {assessment, changes, details, history, now, overview, problem, restorePlan} from './samples.ts';

describe('history', () => {
	const screen = historyScreen({
		overview,
		entries: history,
		assessment: {...assessment, destructive: ['20261110_090000_names', '20261122_175200_events']},
	});

	test('shows when each migration was applied, and its problems', () => {
		expect(screenText(screen, wide)).toBe(
			[
				'Status and history   shop/app.db',
				'',
				'  ● 20261101_101500_start    21 days ago · 12 ms',
				'  ! 20261110_090000_names    12 days ago · 2.7 s · edited   ▲ destructive',
				'  ✗ 20261119_175000_orders   3 days ago · its file is missing',
				'❯ ○ 20261122_175200_events   pending                        ▲ destructive',
				'',
				'  3 applied · 1 pending · 1 edited · 1 file missing',
				'  ! an applied file was edited: restore it, and write the change as a new',
				'    migration',
				'  ! an applied file is missing: restore it, for example from git, or update the',
				'    program if the database is newer',
				'',
				'↑↓ move   enter open   t upgrade to here   y copy   esc back   ? keys',
			].join('\n'),
		);
		expect(played(screen, [key('up'), key('enter')]).results).toEqual([{name: '20261119_175000_orders', action: 'open'}]);
	});

	test('shows long names in full if there is room, and the selected name on any terminal', () => {
		const entries = [1, 2].map((at) => ({...history[3]!, name: `2026110${at}_101500_a_rather_long_name_of_a_migration_${at}`}));
		const long = historyScreen({overview, entries, assessment});
		for (const {name} of entries) expect(screenText(long, wide)).toContain(`${name}   pending`);
		expect(screenText(long, tiny)).toContain('❯ ○ 20261102_101500_a_rather_long_name_o\n    f_a_migration_2\n      pending');
	});

	test('says that a project has no migrations', () => {
		expect(screenText(historyScreen({overview, entries: [], assessment}), wide)).toContain('no migrations yet');
	});

	test('shows the selected migration next to the list on a wide terminal', () => {
		const look = {...wide, columns: 120};
		const props = {overview, entries: history, assessment, at: history[1]!.name};
		const known = historyScreen({...props, details: new Map([[history[1]!.name, {...details, changes}]])});
		expect(screenText(known, look).split('\n').slice(2, 8)).toEqual([
			'  ● 20261101_101500_start    21 days ago · 12 ms             │ ! 20261110_090000_names',
			'❯ ! 20261110_090000_names    12 days ago · 2.7 s · edited    │ applied 2026-11-10 09:00:01 UTC, 12 days ago · took 2.7 s',
			'  ✗ 20261119_175000_orders   3 days ago · its file is missi… │ · by lite-migr 1.0.0 · its file was edited after it was',
			'  ○ 20261122_175200_events   pending                         │ applied · migrations/20261110_090000_names.ts · can be',
			'                                                             │ undone',
			'                                                             │',
		]);
		expect(screenText(known, look, played(known, [key('down')], look).state)).not.toContain('by lite-migr');
		expect(screenText(known, {...wide, columns: 109})).not.toContain('│');
	});

	test('opens a migration on its changes, and its file on Tab', () => {
		const one = migrationScreen(history[1]!, details, now);
		expect(screenText(one, wide)).toMatch(/applied 2026-11-10 09:00:01 UTC, 12 days ago · took 2\.7 s/);
		expect(screenText(one, wide, played(one, [key('tab')]).state)).toContain("    op.dropTable('legacy_log');");
		expect(played(one, [key('e')]).results).toEqual(['edit']);
		expect(played(migrationScreen(history[2]!, {...details, path: null}, now), [key('e')]).results).toEqual([]);
	});
});

describe('backups', () => {
	test('are listed newest first, and restored by their id', () => {
		const screen = backupsScreen({backups: overview.backups.map((backup) => ({...backup, reason: `before ${backup.before}`})), now});
		expect(screenText(screen, wide)).toContain('❯ 20261119T175203   3 days ago · 12.4 MB   before 20261119_175000_orders');
		expect(played(screen, [key('enter')]).results).toEqual(['20261119T175203']);
	});

	test('show what restoring one changes, and ask for the name of the database', () => {
		const screen = restoreScreen(restorePlan, now);
		expect(screenText(screen, wide)).toMatch(
			/~ user +12,410 → 12,403 rows\n.*▲ 7 rows added since then are lost\n.*▲ 2 rows get their old values back\n.*definition differs\n.*- tag +▲ is dropped with 12 rows\n.*\+ legacy_log +is restored with 880,112 rows\n.*becomes pending again/,
		);
		expect(played(screen, [...'app.db'].map((letter) => key(letter)).concat(key('enter'))).results).toEqual(['consent']);
	});
});

test('an invalid name is reported before it is accepted', () => {
	const screen = nameScreen({title: 'Create', suggestion: 'a!', complaint: (name) => (name.includes('!') ? 'no marks' : undefined)});
	const {state, results} = played(screen, [key('enter')]);
	expect(results).toEqual([]);
	expect(screenText(screen, wide, state)).toContain('✗ no marks');
	expect(played(screen, [key('tab'), key('backspace'), key('enter')]).results).toEqual(['a']);
});

test('the suggested name is used if nothing is typed, and typing replaces it', () => {
	const screen = nameScreen({title: 'Create', suggestion: 'add_tag', complaint: () => undefined});
	expect(screenText(screen, wide)).toContain('enter use add_tag   tab edit it   esc back');
	expect(played(screen, [key('enter')]).results).toEqual(['add_tag']);
	expect(played(screen, [...[...'my'].map((letter) => key(letter)), key('enter')]).results).toEqual(['my']);
	expect(played(screen, [key('right'), key('s'), key('enter')]).results).toEqual(['add_tags']);
});

test('spaces in a name become underscores', () => {
	const screen = nameScreen({title: 'Create', suggestion: '', complaint: () => undefined});
	expect(played(screen, [...[...'first tables'].map((letter) => key(letter)), key('enter')]).results).toEqual(['first_tables']);
	expect(played(screen, [pasted(' two words '), key('enter')]).results).toEqual(['two_words']);
});

test('an error shows the problem, the location, the state of the database and the next step', () => {
	expect(errorLines(problem).map(textOf)).toEqual([
		'✗ 20261122_175300_events failed. Everything was rolled back: app.db is still at 0007_add_orders.',
		'',
		'  │ UNIQUE constraint failed: events.uid',
		'  │ migrations/20261122_175300_events.ts:14   table events',
		"  │ 3 values appear twice:  'a-17' (ids 4, 90)   'b-02' (ids 12, 13)",
		'  │ SELECT uid, count(*) FROM events GROUP BY uid HAVING count(*) > 1',
		'',
		'  fix the rows, or change the model, then run lite-migr upgrade again',
	]);
});
