import {nearest} from '../../text/nearest.ts';
import {plural} from '../../text/numbers.ts';
import {pythonError} from './text.ts';
import {unsupportedValue} from './unsupported-value.ts';
import type {Placed, PlacedArgument} from './value.ts';

/**
 * Returns the arguments of a call by parameter name. `label` names the call in errors: `User.age: DbField`.
 *
 * @throws MigrError if a parameter is unknown or given twice, or if the value after `*` or `**` is not a literal
 */
export function bindArguments<Parameter extends string>(
	label: string,
	parameters: readonly Parameter[],
	list: readonly PlacedArgument[],
): ReadonlyMap<Parameter, Placed> {
	const given = new Map<Parameter, Placed>();
	let position = 0;
	const set = (name: string, value: Placed, at: Placed) => {
		const parameter = parameters.find((candidate) => candidate === name);
		if (parameter === undefined) {
			const near = nearest(name, parameters);
			const hint = near === undefined ? `use one of these arguments: ${parameters.join(', ')}` : `did you mean ${near}?`;
			throw pythonError(at.file, at.from, `${label} has no argument ${name}`, hint);
		}
		if (given.has(parameter)) throw pythonError(at.file, at.from, `${label}: ${parameter} is given twice`);
		given.set(parameter, value);
	};
	const setNext = (value: Placed, at: Placed) => {
		const parameter = parameters[position];
		if (parameter === undefined) throw pythonError(at.file, at.from, `${label} takes at most ${plural(parameters.length, 'argument')}`);
		position += 1;
		set(parameter, value, at);
	};
	for (const argument of list) {
		const {value} = argument;
		if (argument.name !== undefined) set(argument.name, argument, argument);
		else if (argument.spread === undefined) setNext(argument, argument);
		else if (argument.spread === '*' && (value.kind === 'tuple' || value.kind === 'list')) for (const item of value.items) setNext(item, argument);
		else if (argument.spread === '**' && value.kind === 'dict') {
			for (const entry of value.entries) set(entry.key.value.kind === 'string' ? entry.key.value.value : '…', entry.value, argument);
		} else throw unsupportedValue(`${label}: the value after ${argument.spread}`, argument, 'write out the arguments');
	}
	return given;
}
