import {describe, expect, test} from 'vitest';
import {eventPrinter} from '../../../source/commands/text/events-text.ts';
import type {ApplyEvent, DoneEvent, EffectsEvent, FailedEvent, ProgressEvent} from '../../../source/core/migrations/event.ts';
import {collected} from './collected.ts';

const cwd = '/project';
const start: ApplyEvent = {type: 'start', database: '/project/app.db', direction: 'upgrade', migrations: ['1_names'], dryRun: false};
const done: DoneEvent = {
	type: 'done',
	direction: 'upgrade',
	database: '/project/app.db',
	applied: [{name: '1_names', durationMs: 12, steps: 2}],
	currentMigration: '1_names',
	backup: '/project/backups/app-1.db',
	undo: ['lite-migr downgrade', 'lite-migr restore app-1'],
	undoLimits: null,
	plan: '3f9c1a2b',
	durationMs: 50,
	dryRun: false,
};

function printed(events: readonly ApplyEvent[], showsSteps = false, showsSamples = true) {
	const {output, lines, problems} = collected();
	const print = eventPrinter(output, {cwd, showsSamples, showsSteps});
	for (const event of events) print(event);
	return {lines: lines(), problems: problems()};
}

describe('eventPrinter', () => {
	test('reports applied migrations as rolled back if a later one fails, except those already committed', () => {
		const failed: ApplyEvent = {
			type: 'failed',
			code: 'migration',
			message: 'no such table: x',
			hint: null,
			location: null,
			details: [],
			migration: '3_c',
			state: 'everything was rolled back',
			committed: ['1_a'],
			backup: null,
		};
		const ran = ['1_a', '2_b'].map((migration): ApplyEvent => ({type: 'migrationDone', migration, durationMs: 1, summary: ''}));
		expect(printed([start, ...ran, failed]).lines).toEqual(['applied  1_a   1 ms', 'applied  2_b   1 ms', 'rolled back  2_b']);
		expect(printed([{...start, dryRun: true}, ...ran, failed]).lines).toEqual(['tried    1_a   1 ms', 'tried    2_b   1 ms']);
	});

	test('prints the backup, each migration and how to undo it', () => {
		const {lines} = printed([
			start,
			{type: 'backup', state: 'done', path: '/project/backups/app-1.db', pagesDone: 2, pagesTotal: 2, bytes: 12_400_000, durationMs: 38},
			{type: 'migrationDone', migration: '1_names', durationMs: 12, summary: 'user: rewrite of 12,403 rows; post: instant'},
			done,
		]);
		expect(lines).toEqual([
			'backup   backups/app-1.db   12.4 MB, 38 ms',
			'applied  1_names   12 ms   user: rewrite of 12,403 rows; post: instant',
			'app.db is at 1_names   50 ms',
			'  undo     lite-migr downgrade',
			'  restore  lite-migr restore app-1',
		]);
	});

	test('reports that there is nothing to do', () => {
		expect(
			printed([
				{...start, migrations: []},
				{...done, applied: []},
			]).lines,
		).toEqual(['nothing is pending: app.db is at 1_names']);
		expect(printed([{...done, direction: 'downgrade', applied: [], currentMigration: null}]).lines).toEqual([
			'nothing to undo: app.db has no migrations applied',
		]);
	});

	test('prints progress of a long step, but not of a short one', () => {
		const step: ApplyEvent = {
			type: 'stepStart',
			migration: '1_names',
			step: 1,
			steps: 1,
			strategy: 'rewrite',
			object: 'events',
			summary: 'rewrite events',
			reason: '',
			rows: 800_000,
		};
		const progress = (done: number, elapsedMs: number): ProgressEvent => ({
			type: 'progress',
			migration: '1_names',
			step: 1,
			phase: 'copy',
			done,
			total: 800_000,
			elapsedMs,
		});
		expect(printed([start, step, progress(1000, 10), progress(400_000, 5000), progress(410_000, 5100), progress(800_000, 10_000)]).lines).toEqual([
			'         events: copy, 400,000 of 800,000 (50%), 80k/s, 5 s left',
			'         events: copy, 800,000 of 800,000 (100%), 80k/s',
		]);
	});

	test('prints the current phase of a step without measurable progress', () => {
		const progress = (phase: ProgressEvent['phase'], done: number, elapsedMs: number): ProgressEvent => ({
			type: 'progress',
			migration: '1_names',
			step: 1,
			phase,
			done,
			total: 800_000,
			elapsedMs,
		});
		const events = [progress('scan', 0, 6000), progress('scan', 800_000, 12_000), progress('index', 0, 18_000), progress('index', 800_000, 24_000)];
		expect(printed([start, ...events]).lines).toEqual([
			'         reading, 800,000 rows',
			'         read, 800,000 rows',
			'         building an index, 800,000 rows',
			'         built an index, 800,000 rows',
		]);
	});

	test('prints progress of a long backup', () => {
		const backup = (pagesDone: number, durationMs: number): ApplyEvent => ({
			type: 'backup',
			state: 'progress',
			path: '/project/b.db',
			pagesDone,
			pagesTotal: 4000,
			bytes: 0,
			durationMs,
		});
		expect(printed([start, backup(10, 20), backup(1000, 5000), backup(1100, 6000)]).lines).toEqual(['         backup: 1,000 of 4,000 pages (25%)']);
	});

	test('prints the steps of a dry run and says that the database is untouched', () => {
		const {lines} = printed(
			[
				{...start, dryRun: true},
				{
					type: 'stepStart',
					migration: '1_names',
					step: 1,
					steps: 1,
					strategy: 'rewrite',
					object: 'user',
					summary: 'rewrite user',
					reason: '',
					rows: 3,
				},
				{type: 'stepDone', migration: '1_names', step: 1, durationMs: 4, rows: 3},
				{type: 'migrationDone', migration: '1_names', durationMs: 12, summary: ''},
				{...done, dryRun: true},
			],
			true,
		);
		expect(lines).toEqual([
			'         user: rewrite user   rewrite, 3 rows, 4 ms',
			'tried    1_names   12 ms',
			'plan 3f9c1a2b',
			'  to run exactly this, run lite-migr upgrade --plan 3f9c1a2b',
			'dry run: 1 migration would be applied in about 50 ms; app.db is untouched',
		]);
	});

	test('names restore first if rows were lost, and says that undoing the migrations restores structure only', () => {
		const undo = ['lite-migr restore app-1', 'lite-migr downgrade'];
		const {lines} = printed([{...done, undo, undoLimits: 'structure only: log comes back empty; the rows are in backup app-1'}]);
		expect(lines.slice(1)).toEqual([
			'  restore  lite-migr restore app-1   restores rows and values, too',
			'  undo     lite-migr downgrade   structure only: log comes back empty; the rows are in backup app-1',
		]);
	});

	const effects: EffectsEvent = {
		type: 'effects',
		migration: '1_names',
		tables: [
			{
				table: 'user',
				rowsBefore: 12_410,
				rowsGone: 0,
				rowsAdded: 0,
				rowsChanged: 12_403,
				by: [{sql: 'UPDATE user SET email = lower(email)', location: {file: 'migrations/names.sql', line: 3}}],
				columns: [{column: 'email', valuesGone: 0, valuesChanged: 12_403, valuesConverted: 0, merged: false}],
				samples: [{row: 'id 4', column: 'email', before: 'Ann@Example.com', after: 'ann@example.com'}],
				note: null,
			},
			{
				table: 'session',
				rowsBefore: 88_112,
				rowsGone: 1204,
				rowsAdded: 0,
				rowsChanged: 3,
				by: [{sql: 'DELETE FROM session\n\tWHERE expires < 1', location: null}],
				columns: [{column: 'token', valuesGone: 2, valuesChanged: 0, valuesConverted: 0, merged: false}],
				samples: [{row: 'id 17', column: null, before: null, after: null}],
				note: null,
			},
			{table: 'log', rowsBefore: 0, by: [], rowsGone: 0, rowsAdded: 4, rowsChanged: 0, columns: [], samples: [], note: null},
		],
	};

	test('prints the effects of statements on rows, losses first', () => {
		expect(printed([effects]).lines).toEqual([
			'▲ session: 1,204 of 88,112 rows are deleted',
			'▲ session: 2 values of token are lost',
			'  │ by DELETE FROM session WHERE expires < 1',
			'  │ id 17',
			'~ user: 12,403 values of email change, 0 become NULL',
			'  │ by UPDATE user SET email = lower(email)   migrations/names.sql:3',
			"  │ id 4   'Ann@Example.com' → 'ann@example.com'",
		]);
	});

	test('prints effects without sample rows if samples are disabled', () => {
		expect(printed([effects], false, false).lines.join()).not.toMatch(/id \d|Ann/);
	});

	test('prints the effects of a refused run before its rollback', () => {
		const failed: FailedEvent = {
			type: 'failed',
			code: 'answerNeeded',
			message: 'this upgrade would lose or change data and needs confirmation',
			hint: null,
			location: null,
			details: [],
			migration: null,
			state: 'everything was rolled back: app.db is still at 0_start',
			committed: [],
			backup: null,
			tables: effects.tables.slice(1),
		};
		const {lines, problems} = printed([failed]);
		expect(lines[0]).toBe('▲ session: 1,204 of 88,112 rows are deleted');
		expect(problems[0]).toContain('needs confirmation');
	});

	test('prints findings with samples and the SQL that finds all rows', () => {
		const {lines} = printed([
			{
				type: 'preflight',
				bytesNeeded: 5_000_000,
				bytesFree: 1_000_000,
				findings: [
					{
						migration: '1_names',
						kind: 'incompatible',
						table: 'item',
						column: 'qty',
						message: '4 of 20 values do not fit INTEGER',
						rows: 4,
						totalRows: 20,
						blocking: false,
						destructive: true,
						samples: [{row: 'id 5', value: 'abc\u001b5', becomes: 'abc\u001b5'}],
						sql: 'SELECT id FROM item',
						fixes: ['state a conversion with --fill item.qty=…'],
					},
				],
			},
		]);
		expect(lines).toEqual([
			'▲ item.qty: 4 of 20 values do not fit INTEGER',
			"  │ id 5   'abc\\x1b5' → 'abc\\x1b5'",
			'  │ find all:  SELECT id FROM item',
			'  state a conversion with --fill item.qty=…',
			'! up to 5 MB of extra disk space may be needed, but only 1 MB are free',
		]);
	});

	test('does not repeat the rows and the queries of the problems in existing rows, but where and what they are', () => {
		const finding = (column: string) => ({
			...{migration: '1_names', kind: 'null' as const, table: 'item', column, message: '1 of 2 rows is NULL', rows: 1, totalRows: 2},
			...{blocking: true, destructive: false, samples: [{row: 'id 5', value: null}], sql: `SELECT id, ${column} FROM item`, fixes: ['fix it']},
		});
		const failed = (message: string, details: readonly string[]): FailedEvent => ({
			...{type: 'failed', code: 'hazard', message, details, hint: 'fix it', location: {file: '/project/migrations/1_names.ts', line: 7}},
			...{migration: null, state: 'nothing was written', committed: [], backup: null},
		});
		const preflight = (...columns: readonly string[]): ApplyEvent => ({
			type: 'preflight',
			bytesNeeded: 0,
			bytesFree: null,
			findings: columns.map(finding),
		});
		const one = printed([preflight('a'), failed('item.a: 1 of 2 rows is NULL', ['id 5', 'find all:  SELECT id, a FROM item'])]);
		expect(one.lines).toContain('  │ find all:  SELECT id, a FROM item');
		expect(one.problems).toEqual(['✗ item.a: 1 of 2 rows is NULL', '  │ migrations/1_names.ts:7', '  nothing was written', '  fix it']);
		const lines = ['item.a: 1 of 2 rows is NULL', 'id 5', 'find all:  SELECT id, a FROM item', 'item.b: 1 of 2 rows is NULL', 'id 5'];
		const {problems} = printed([preflight('a', 'b'), failed('2 problems in existing rows would make the run fail', lines)]);
		expect(problems.slice(2, 5)).toEqual(['  │ item.a: 1 of 2 rows is NULL', '  │ item.b: 1 of 2 rows is NULL', '  nothing was written']);
	});

	test('prints a failure to stderr, with the state of the database', () => {
		const {lines, problems} = printed([
			start,
			{
				type: 'failed',
				code: 'database',
				message: 'UNIQUE constraint failed: events.uid',
				hint: 'fix the rows',
				location: {file: '/project/migrations/2_events.ts', line: 14},
				details: ["3 values appear twice: 'a-17'"],
				migration: '2_events',
				state: 'rolled back: app.db is still at 1_names',
				committed: [],
				backup: '/project/backups/app-1.db',
			},
		]);
		expect(lines).toEqual([]);
		expect(problems).toEqual([
			'✗ 2_events failed: UNIQUE constraint failed: events.uid',
			'  │ migrations/2_events.ts:14',
			"  │ 3 values appear twice: 'a-17'",
			'  rolled back: app.db is still at 1_names',
			'  backup: backups/app-1.db',
			'  fix the rows',
		]);
	});
});
