import {sep} from 'node:path';

/** Shortens absolute paths in the working folder to relative paths: `/project/models/a.sql:3` becomes `models/a.sql:3`. */
export function nearPlaces(text: string, cwd: string): string {
	const folder = cwd + sep;
	return text.split(folder).reduce((before, after) => (/(?:^|[\s'"(])$/.test(before) ? before + after : before + folder + after));
}
