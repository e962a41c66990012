import {clean} from '../../text/clean.ts';
import type {SchemaDifference} from '../replay/schema-differences.ts';

/** Returns one line about a difference: `+ table stray: not in any migration`, `~ table user: changed by hand (+ size)`. */
export function driftText({object, name, kind, detail}: SchemaDifference): string {
	const noun = object === 'virtualTable' ? 'virtual table' : object;
	const what = {missing: ['-', 'missing from the database'], unexpected: ['+', 'not in any migration'], changed: ['~', 'changed by hand']} as const;
	const [mark, text] = what[kind];
	return `${mark} ${noun} ${clean(name)}: ${text}${detail === undefined ? '' : ` (${clean(detail)})`}`;
}

/** The hint for migrations that depend on objects that no migration creates. */
export const builtUponHint =
	'undo all migrations with lite-migr downgrade and remove their files, then adopt the objects they depend on with lite-migr baseline <name>';
