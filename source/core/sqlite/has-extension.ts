import {nameKey, quoted} from '../schema/identifiers.ts';
import {thrownText} from '../text/thrown.ts';
import type {Database} from './database.ts';
import {missingExtension} from './missing-extension.ts';

/** Returns true if the connection that will run the steps has what a copy in memory does not have, such as `function shout` (`missingExtension`). */
export type HasExtension = (missing: string) => boolean;

/** Returns a test for one connection. A tokenizer cannot be looked up, so it is assumed to exist. */
export function extensionsOf(db: Database): HasExtension {
	return (missing) => {
		const [, kind, name = ''] = /^(\w+) (.*)$/s.exec(missing) ?? [];
		switch (kind) {
			case 'collation':
				return hasCollation(db, name);
			case 'function':
				// Prepared but not executed. With another number of arguments, the message is another one.
				return !isMissing(() => db.all(`EXPLAIN SELECT ${quoted(name)}()`));
			case 'module':
				return db.tuples('SELECT name FROM pragma_module_list').some(([module]) => nameKey(String(module)) === nameKey(name));
			default:
				return true;
		}
	};
}

/** True if the connection has the collation. `PRAGMA collation_list` also lists collations that definitions only name. */
export function hasCollation(db: Database, collation: string): boolean {
	return !isMissing(() => db.value(`SELECT 'a' < 'b' COLLATE ${quoted(collation)}`));
}

function isMissing(work: () => unknown): boolean {
	try {
		work();
		return false;
	} catch (error) {
		return missingExtension(thrownText(error)) !== undefined;
	}
}
