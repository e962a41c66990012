import {type CallSite, modelError} from './call-site.ts';

/** Checks that SQLite accepts the name of an object or column. Throws `MigrError('model')` if it does not. */
export function checkName(what: string, name: unknown, site: CallSite): asserts name is string {
	if (typeof name !== 'string') {
		throw modelError(`the name of ${what} is ${name === undefined ? 'missing' : `a ${typeof name}`}`, site, 'write the name as a string');
	}
	if (name === '') throw modelError(`the name of ${what} is empty`, site);
	if (name.includes('\0'))
		throw modelError(`the name of ${what} contains a NUL character`, site, 'choose another name: SQL text ends at a NUL character');
	if (/^sqlite_/i.test(name) && !what.startsWith('a column')) {
		throw modelError(`${what} ${name}: names that begin with sqlite_ are reserved for SQLite`, site, 'choose another name');
	}
}
