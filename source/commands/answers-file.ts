import {readFileSync} from 'node:fs';
import {parse, TomlError} from 'smol-toml';
import {tomlEntries} from '../core/config/toml-entries.ts';
import {type Decisions, type FillDecision, noDecisions, type RenameDecision, type Target} from '../core/diff/question.ts';
import {MigrError} from '../core/errors.ts';
import {clean} from '../core/text/clean.ts';
import {fileProblem} from '../core/text/file-problem.ts';
import {nearest} from '../core/text/nearest.ts';
import {dropFrom, fillFrom, renameFrom, wholeExpression} from './decisions.ts';

const keys = ['rename', 'drop', 'fill', 'ignore', 'no_renames', 'allow_drops'];

/**
 * Reads the file passed with `--answers`. Lists contain the same values as the flags. `rename` and `fill` can also be tables:
 *
 *     drop = ["user.nick", "legacy_log"]
 *     rename = ["user.name=full_name"]
 *     no_renames = false
 *
 *     [fill.user]
 *     email = "lower(full_name) || '@example.com'"
 *
 * @throws MigrError `usage` with file and line if the file is invalid
 */
export function readAnswers(file: string): Decisions {
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch (error) {
		throw new MigrError('usage', `cannot read the answers file: ${fileProblem(error)}`, {
			location: {file},
			cause: error,
		});
	}
	return answersFromText(text, file);
}

export function answersFromText(text: string, file: string): Decisions {
	let root: Readonly<Record<string, unknown>>;
	try {
		root = parse(text);
	} catch (error) {
		if (!(error instanceof TomlError)) throw error;
		throw new MigrError('usage', `not valid TOML: ${error.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? ''}`, {
			location: {file, line: error.line, column: error.column},
			cause: error,
		});
	}
	const fail = (path: readonly string[], message: string, hint?: string) =>
		new MigrError('usage', message, {location: {file, ...lineOf(path, text)}, hint});
	const at: At = (path, action) => {
		try {
			return action();
		} catch (error) {
			throw error instanceof MigrError && error.location === undefined ? fail(path, error.message, error.hint) : error;
		}
	};
	let decisions = noDecisions;
	for (const [key, value] of Object.entries(root)) {
		if (!keys.includes(key)) {
			const near = nearest(key, keys);
			throw fail([key], `unknown key ${clean(key)}`, near === undefined ? `use one of these keys: ${keys.join(', ')}` : `did you mean ${near}?`);
		}
		decisions = {...decisions, ...at([key], () => answersOf(key, value, at))};
	}
	return decisions;
}

/** Runs an action for a path of keys. Errors without a location get the line of those keys. */
type At = <T>(path: readonly string[], action: () => T) => T;

/** Returns the line of the deepest key in a path that has its own line. */
function lineOf(path: readonly string[], text: string): {readonly line?: number} {
	const onTheWay = tomlEntries(text).filter((entry) => entry.path.length <= path.length && entry.path.every((name, index) => name === path[index]));
	const deepest = onTheWay.toSorted((a, b) => b.path.length - a.path.length)[0] ?? tomlEntries(text).find((entry) => entry.path[0] === path[0]);
	return deepest === undefined ? {} : {line: deepest.line};
}

function answersOf(key: string, value: unknown, at: At): Partial<Decisions> {
	switch (key) {
		case 'rename':
			return {renames: pairsOf(key, value, at, renameFrom, (target, to): RenameDecision => ({...target, to}))};
		case 'fill':
			return {fills: pairsOf(key, value, at, fillFrom, fillOf)};
		case 'drop':
			return {drops: namesOf(key, value).map((text) => dropFrom(text, key))};
		case 'ignore':
			return {ignore: namesOf(key, value)};
		default:
			if (typeof value !== 'boolean') throw new MigrError('usage', `${key} must be true or false`);
			return key === 'no_renames' ? {noRenames: value} : {allowDrops: value};
	}
}

function fillOf({table, column}: Target, expression: string): FillDecision {
	if (column === undefined)
		throw new MigrError('usage', `fill: ${clean(table)} has no column name`, {hint: 'write [fill.TABLE] and COLUMN = "SQL" on a line below it'});
	return {table, column, expression: wholeExpression(expression, `fill ${clean(table)}.${clean(column)}`)};
}

function namesOf(key: string, value: unknown): readonly string[] {
	if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value;
	throw new MigrError('usage', `${key} must be a list of names, such as ["user.age"]`);
}

/** Reads a list of flag values, or a table whose keys are paths: `"user.name" = "full_name"`, or `user.name = "full_name"`. */
function pairsOf<T>(
	key: string,
	value: unknown,
	at: At,
	fromText: (text: string, origin: string) => T,
	fromPair: (target: Target, text: string) => T,
): readonly T[] {
	if (Array.isArray(value)) return namesOf(key, value).map((text) => fromText(text, key));
	if (typeof value !== 'object' || value === null) throw new MigrError('usage', `${key} must be a list or a table`);
	const pair = (name: string, inner: unknown): T[] => {
		if (typeof inner === 'string') return [fromPair(dropFrom(name, key), inner)];
		if (typeof inner !== 'object' || inner === null) throw new MigrError('usage', `${key}: ${clean(name)} must be a string`);
		return Object.entries(inner).map(([column, text]) =>
			at([key, name, column], () => {
				if (typeof text !== 'string') throw new MigrError('usage', `${key}: ${clean(name)}.${clean(column)} must be a string`);
				return fromPair({table: name, column}, text);
			}),
		);
	};
	return Object.entries(value).flatMap(([name, inner]) => at([key, name], () => pair(name, inner)));
}
