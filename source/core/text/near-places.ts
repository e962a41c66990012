import {sep} from 'node:path';

/** A text with the paths in the working folder that it names as a person there would write them: `/project/models/a.sql:3` as `models/a.sql:3`. */
export function nearPlaces(text: string, cwd: string): string {
	const folder = cwd + sep;
	return text.split(folder).reduce((before, after) => (/(?:^|[\s'"(])$/.test(before) ? before + after : before + folder + after));
}
