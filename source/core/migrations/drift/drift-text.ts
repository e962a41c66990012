import {clean} from '../../text/clean.ts';
import type {SchemaDifference} from '../replay/schema-differences.ts';

/** `+ table stray: in no migration`. */
export function driftText({object, name, kind}: SchemaDifference): string {
	const noun = object === 'virtualTable' ? 'virtual table' : object;
	const what = {missing: ['-', 'gone from the database'], unexpected: ['+', 'in no migration'], changed: ['~', 'changed by hand']} as const;
	const [mark, text] = what[kind];
	return `${mark} ${noun} ${clean(name)}: ${text}`;
}
