import {describe, expect, test} from 'vitest';
import {errorText, locationText, shownPath} from '../../../source/commands/text/error-text.ts';
import {MigrError} from '../../../source/core/errors.ts';

const cwd = '/project';

describe('errorText', () => {
	test('contains the problem, the location, the details, the state and the next step', () => {
		const error = new MigrError('database', 'UNIQUE constraint failed: events.uid', {
			location: {file: '/project/migrations/1_events.ts', line: 14, table: 'events', row: 'id 4'},
			details: ["3 values appear twice: 'a-17'"],
			hint: 'fix the rows, then run lite-migr upgrade again',
		});
		expect(errorText(error, {cwd, state: 'rolled back: app.db is still at 0007'})).toBe(
			[
				'✗ UNIQUE constraint failed: events.uid',
				'  │ migrations/1_events.ts:14, table events, id 4',
				"  │ 3 values appear twice: 'a-17'",
				'  rolled back: app.db is still at 0007',
				'  fix the rows, then run lite-migr upgrade again',
			].join('\n'),
		);
	});

	test('has no stack trace and no control characters for problems that the user can fix', () => {
		const text = errorText(new MigrError('model', 'two models of a\u001b[2Jb', {location: {file: '/project/a\nb.sql', row: 'id \u202e1'}}), {cwd});
		expect(text).toBe('✗ two models of a\\x1b[2Jb\n  │ a\\nb.sql, id \\u202e1');
	});

	test('shortens paths in the working folder, including those in a message and its details', () => {
		const error = new MigrError('model', 'two models of table a: the first is at /project/a.sql:1', {
			location: {file: '/project/m.sql', line: 1},
			details: ['/project/m.sql:2  no table b', '/projects/n.sql:3  c', '/other/project/x.sql:4  d'],
		});
		expect(errorText(error, {cwd})).toBe(
			[
				'✗ two models of table a: the first is at a.sql:1',
				'  │ m.sql:1',
				'  │ m.sql:2  no table b',
				'  │ /projects/n.sql:3  c',
				'  │ /other/project/x.sql:4  d',
			].join('\n'),
		);
	});

	test('reports an internal error as a bug in lite-migr, with the stack trace', () => {
		const text = errorText(new TypeError('x is undefined'), {cwd});
		expect(text).toContain('internal error: this is a bug in lite-migr');
		expect(text).toContain('TypeError: x is undefined');
		expect(text).toContain('please report it');
	});
});

test('locationText contains all known parts', () => {
	expect(locationText({file: '/project/m.sql', line: 3, column: 7}, cwd)).toBe('m.sql:3:7');
	expect(locationText({line: 3}, cwd)).toBe('line 3');
	expect(locationText({table: 'user'}, cwd)).toBe('table user');
	expect(locationText({}, cwd)).toBe('');
	expect(locationText(undefined, cwd)).toBe('');
});

test('shownPath is relative inside the working folder and absolute outside it', () => {
	expect(shownPath('/project/a/b.db', cwd)).toBe('a/b.db');
	expect(shownPath('/other/b.db', cwd)).toBe('/other/b.db');
	expect(shownPath('/project', cwd)).toBe('.');
});
