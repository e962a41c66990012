import {readFileSync} from 'node:fs';
import {parse, TomlError} from 'smol-toml';
import {tomlEntries} from '../core/config/toml-entries.ts';
import {type Decisions, type FillDecision, noDecisions, type RenameDecision, type Target} from '../core/diff/question.ts';
import {MigrError} from '../core/errors.ts';
import {clean} from '../core/text/clean.ts';
import {nearest} from '../core/text/nearest.ts';
import {dropFrom, fillFrom, renameFrom, wholeExpression} from './decisions.ts';

const keys = ['rename', 'drop', 'fill', 'ignore', 'no_renames', 'allow_drops'];

/**
 * Reads the file of `--answers`. Lists hold what the flags take; `rename` and `fill` may be tables as well:
 *
 *     drop = ["user.nick", "legacy_log"]
 *     rename = ["user.name=full_name"]
 *     no_renames = false
 *
 *     [fill.user]
 *     email = "lower(full_name) || '@example.com'"
 *
 * @throws MigrError `usage` with file and line
 */
export function readAnswers(file: string): Decisions {
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch (error) {
		throw new MigrError('usage', `cannot read the answers: ${error instanceof Error ? error.message : String(error)}`, {
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
	const fail = (key: string, message: string, hint?: string) => {
		const line = tomlEntries(text).find((entry) => entry.path[0] === key)?.line;
		return new MigrError('usage', message, {location: {file, ...(line === undefined ? {} : {line})}, ...(hint === undefined ? {} : {hint})});
	};
	const read = <T>(key: string, action: () => T): T => {
		try {
			return action();
		} catch (error) {
			throw error instanceof MigrError ? fail(key, error.message, error.hint) : error;
		}
	};
	let decisions = noDecisions;
	for (const [key, value] of Object.entries(root)) {
		if (!keys.includes(key)) {
			const near = nearest(key, keys);
			throw fail(key, `unknown key ${clean(key)}`, near === undefined ? `known: ${keys.join(', ')}` : `did you mean ${near}?`);
		}
		decisions = {...decisions, ...read(key, () => answersOf(key, value))};
	}
	return decisions;
}

function answersOf(key: string, value: unknown): Partial<Decisions> {
	switch (key) {
		case 'rename':
			return {renames: pairsOf(key, value, renameFrom, (target, to): RenameDecision => ({...target, to}))};
		case 'fill':
			return {fills: pairsOf(key, value, fillFrom, fillOf)};
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
		throw new MigrError('usage', `fill: ${clean(table)} names no column`, {hint: 'write [fill.TABLE] and below it COLUMN = "SQL"'});
	return {table, column, expression: wholeExpression(expression, `fill ${clean(table)}.${clean(column)}`)};
}

function namesOf(key: string, value: unknown): readonly string[] {
	if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value;
	throw new MigrError('usage', `${key} must be a list of names, such as ["user.age"]`);
}

/** A list of what the flag takes, or a table whose keys are paths: `"user.name" = "full_name"`, or `user.name = "full_name"`. */
function pairsOf<T>(
	key: string,
	value: unknown,
	fromText: (text: string, origin: string) => T,
	fromPair: (target: Target, text: string) => T,
): readonly T[] {
	if (Array.isArray(value)) return namesOf(key, value).map((text) => fromText(text, key));
	if (typeof value !== 'object' || value === null) throw new MigrError('usage', `${key} must be a list or a table`);
	return Object.entries(value).flatMap(([name, inner]): T[] => {
		if (typeof inner === 'string') return [fromPair(dropFrom(name, key), inner)];
		if (typeof inner !== 'object' || inner === null) throw new MigrError('usage', `${key}: ${clean(name)} must be text`);
		return Object.entries(inner).map(([column, text]) => {
			if (typeof text !== 'string') throw new MigrError('usage', `${key}: ${clean(name)}.${clean(column)} must be text`);
			return fromPair({table: name, column}, text);
		});
	});
}
