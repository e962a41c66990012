import {expect, test} from 'vitest';
import {ago, momentOf} from '../../../source/ui/text/ago.ts';

const now = Date.parse('2026-11-22T18:00:00Z');

test.each([
	['2026-11-22 17:59:30', 'just now'],
	['2026-11-22 18:00:30', 'just now'],
	['2026-11-22 17:59:00', '1 minute ago'],
	['2026-11-22 15:30:00', '2 hours ago'],
	['2026-11-19 17:00:00', '3 days ago'],
	['2026-06-22 17:00:00', '5 months ago'],
	['2023-11-22 17:00:00', '3 years ago'],
])('%s is %s', (moment, text) => {
	expect(ago(momentOf(moment), now)).toBe(text);
});
