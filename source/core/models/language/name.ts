import {type CallSite, modelError} from './call-site.ts';

/** Throws `MigrError('model')` for what SQLite takes as no name of an object or column. */
export function checkName(what: string, name: unknown, site: CallSite): asserts name is string {
	if (typeof name !== 'string') {
		throw modelError(`the name of ${what} is ${name === undefined ? 'missing' : `a ${typeof name}`}`, site, 'a name is a text');
	}
	if (name === '') throw modelError(`the name of ${what} is empty`, site);
	if (name.includes('\0')) throw modelError(`the name of ${what} holds the character NUL`, site, 'SQL ends there: take another name');
	if (/^sqlite_/i.test(name) && !what.startsWith('a column')) {
		throw modelError(`${what} ${name}: names that begin with sqlite_ belong to SQLite`, site, 'take another name');
	}
}
