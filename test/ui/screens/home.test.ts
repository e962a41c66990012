import {describe, expect, test} from 'vitest';
import {type HomeProps, homeScreen} from '../../../source/ui/screens/home.ts';
import {key, played, wide} from '../keys/typed.ts';
import {screenText} from '../page/text.ts';
import {assessment, overview} from './samples.ts';

const props: HomeProps = {version: '1.0.0', overview, assessment};
const shown = (changed: Partial<HomeProps>): string => screenText(homeScreen({...props, ...changed}), wide);
const chosen = (names: readonly string[], changed: Partial<HomeProps> = {}) =>
	played(
		homeScreen({...props, ...changed}),
		names.map((name) => key(name)),
	).results;

describe('home', () => {
	test('shows the state and what each entry would do', () => {
		expect(shown({})).toBe(
			[
				'lite-migr 1.0.0   shop/app.db  12.4 MB  SQLite 3.54.1',
				'',
				'  ● 7 applied      last 20261116_101500_add_orders, 3 days ago',
				'  ○ 2 pending',
				'  ! models are ahead by 3 changes, 1 question to answer',
				'  ✔ no drift, no edited files',
				'',
				'  Create a migration   3 changes to review, 1 question',
				'❯ Upgrade              apply 2 migrations, 1 ▲ destructive',
				'  Downgrade            undo 20261116_101500_add_orders',
				'  Status and history   9 migrations',
				'  Backups              2, newest 3 days ago',
				'  Look around          tables, columns, first rows',
				'  Quit',
				'',
				'↑↓ move   enter choose   q quit   ? keys',
			].join('\n'),
		);
	});

	test('shows the name of a database on a server, and does not offer to restore it', () => {
		const remote = {...overview, database: 'd1 shop', isRemote: true, bytes: 0, sqliteVersion: '', backups: []};
		expect(shown({overview: remote})).toMatch(/^lite-migr 1\.0\.0 {3}d1 shop\n/);
		expect(shown({overview: remote})).toContain('Backups              cannot be restored to a server');
		expect(chosen(['down', 'down', 'down', 'enter'], {overview: remote})).toEqual(['browse']);
	});

	test('starts on the next step', () => {
		expect(chosen(['enter'])).toEqual(['upgrade']);
		expect(chosen(['enter'], {overview: {...overview, pending: []}})).toEqual(['create']);
		expect(chosen(['enter'], {overview: {...overview, pending: []}, assessment: {...assessment, models: {kind: 'same'}}})).toEqual(['status']);
		expect(chosen(['enter'], {at: 'backups'})).toEqual(['backups']);
	});

	test('skips entries that have nothing to do', () => {
		const empty = {...overview, applied: [], pending: [], backups: []};
		expect(chosen(['down', 'down', 'enter'], {overview: empty})).toEqual(['browse']);
		expect(chosen(['down', 'down', 'enter'], {overview: {...empty, exists: false}})).toEqual(['quit']);
		expect(shown({overview: empty})).toMatch(/nothing is pending[\s\S]*nothing is applied[\s\S]*none yet/);
	});

	test('reports problems: drift, edited and missing files, models that do not load', () => {
		const odd = {...overview, edited: ['a'], missing: ['b']};
		const problem = {code: 'model', message: 'unknown type', location: null, details: [], hint: null} as const;
		const drift = ['+ table stray: not in any migration', '~ table user: changed by hand (+ by_hand)'];
		const text = shown({overview: odd, assessment: {...assessment, drift: ['the files of b are missing'], models: {kind: 'failed', problem}}});
		for (const part of ['1 applied file was edited: a', '1 applied file is missing: b', '✗ the models do not load: unknown type']) {
			expect(text).toContain(part);
		}
		expect(text).not.toMatch(/no drift|drifted/);
		const drifted = shown({overview, assessment: {...assessment, drift}}).replace(/\s+/g, ' ');
		expect(drifted).toContain(`the database has drifted: ${drift.join(', ')}`);
		const more = shown({overview, assessment: {...assessment, drift: [...drift, '- view v: missing']}}).replace(/\s+/g, ' ');
		expect(more).toContain('the database has drifted: + table stray: not in any migration and 2 more, see Status and history');
	});

	test('offers pull and baseline for a database that is not adopted yet', () => {
		const foreign = {...overview, applied: [], pending: [], hasModels: false, unmanagedTables: 12};
		expect(shown({overview: foreign})).toMatch(/Write models +from the 12 tables/);
		expect(shown({overview: foreign})).toContain('Adopt the database');
		expect(shown({overview: foreign})).toMatch(/○ no models yet\n[\s\S]*Create a migration +no models yet/);
		const text = shown({overview: foreign, assessment: {...assessment, drift: ['+ table a: in no migration', '+ table b: in no migration']}});
		expect(text).toContain('! the database has 2 objects that are not in any migration');
		expect(text).not.toContain('drifted');
		const missing = {kind: 'failed', problem: {code: 'config', message: 'no models at models', location: null, details: [], hint: null}} as const;
		expect(shown({overview: foreign, assessment: {...assessment, models: missing}})).toMatch(
			/○ no models yet\n[\s\S]*Create a migration +no models yet/,
		);
	});

	test('offers to adopt drift if the new migration would be the last one', () => {
		const drifted = {...assessment, drift: ['+ table stray: in no migration']};
		expect(shown({overview: {...overview, pending: []}, assessment: drifted})).toContain('Adopt the drift');
		expect(shown({overview, assessment: drifted})).not.toContain('Adopt the drift');
		expect(shown({overview: {...overview, pending: []}})).not.toContain('Adopt the drift');
	});

	test('quits with q and Escape', () => {
		expect(chosen(['q'])).toEqual(['quit']);
		expect(chosen(['escape'])).toEqual(['quit']);
	});

	test('opens before the models are loaded', () => {
		expect(shown({assessment: undefined})).toContain('reading the models');
	});
});
