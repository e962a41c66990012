import {nearest} from '../../text/nearest.ts';
import {prismaError, valueText} from './prisma-error.ts';
import type {Argument, Attribute, CallValue, Place, Value} from './syntax.ts';

/** The arguments of an attribute or a function, by name. */
export type Arguments = ReadonlyMap<string, Argument>;

/**
 * Returns the arguments by name. An argument without a name is the one called `first`.
 *
 * @throws MigrError `model` for an argument with an unknown name, or one that is passed twice
 */
export function argumentsOf({name, arguments: all}: Attribute | CallValue, first: string, others: readonly string[] = []): Arguments {
	const found = new Map<string, Argument>();
	const known = [first, ...others];
	for (const argument of all) {
		const key = argument.name ?? first;
		if (!known.includes(key)) {
			const near = nearest(key, known);
			throw prismaError(argument.place, `${name} has no argument ${key}`, near === undefined ? `use ${known.join(', ')}` : `did you mean ${near}?`);
		}
		if (found.has(key)) throw prismaError(argument.place, `${name} has the argument ${key} twice`);
		found.set(key, argument);
	}
	return found;
}

/** Throws if an argument exists that Prisma does not support for SQLite. */
export function refuse(found: Arguments, names: readonly string[], attribute: string): void {
	for (const name of names) {
		const argument = found.get(name);
		if (argument !== undefined) throw prismaError(argument.place, `Prisma does not support ${name} in ${attribute} for SQLite`, `remove ${name}`);
	}
}

/** Returns the text of a string argument. Undefined if it is missing. */
export function textArgument(found: Arguments, name: string): string | undefined {
	const argument = found.get(name);
	if (argument === undefined) return undefined;
	if (argument.value.kind !== 'string') throw prismaError(argument.place, `${name} must be in double quotes, not ${valueText(argument.value)}`);
	if (argument.value.text === '') throw prismaError(argument.place, `${name} is empty`, 'write a name, or remove it');
	return argument.value.text;
}

/** Returns the names in a list, such as `[id, name]`. A single name is a list of one. */
export function namesArgument(found: Arguments, name: string): readonly {readonly name: string; readonly place: Place}[] | undefined {
	const argument = found.get(name);
	return argument && listItems(argument.value).map((item) => ({name: nameOf(item, name), place: item.place}));
}

export function listItems(value: Value): readonly Value[] {
	return value.kind === 'list' ? value.items : [value];
}

function nameOf(value: Value, what: string): string {
	if (value.kind === 'name') return value.name;
	throw prismaError(value.place, `${what} must contain names of fields, not ${valueText(value)}`);
}

/** Returns one of the words, or undefined if the argument is missing. */
export function wordArgument<Word extends string>(found: Arguments, name: string, words: readonly Word[]): Word | undefined {
	const argument = found.get(name);
	if (argument === undefined) return undefined;
	const {value} = argument;
	const word = words.find((each) => value.kind === 'name' && value.name === each);
	if (word === undefined) throw prismaError(argument.place, `${name} cannot be ${valueText(value)}`, `use ${words.join(', ')}`);
	return word;
}
