import {plural} from '../../core/text/numbers.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Formats how long ago a time was, in the largest suitable unit: `just now`, `5 minutes ago`, `3 days ago`. */
export function ago(then: number, now: number): string {
	const past = Math.max(0, now - then);
	if (past < minute) return 'just now';
	if (past < hour) return `${plural(Math.floor(past / minute), 'minute')} ago`;
	if (past < day) return `${plural(Math.floor(past / hour), 'hour')} ago`;
	if (past < 60 * day) return `${plural(Math.floor(past / day), 'day')} ago`;
	return past < 730 * day ? `${plural(Math.floor(past / (30 * day)), 'month')} ago` : `${plural(Math.floor(past / (365 * day)), 'year')} ago`;
}

/** Parses a time in SQLite format, `2026-11-22 17:52:00` in UTC. Returns milliseconds since 1970, or NaN if it is invalid. */
export function momentOf(text: string): number {
	return Date.parse(`${text.replace(' ', 'T')}Z`);
}
