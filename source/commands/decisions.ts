import {type Token, tokenize} from '../core/ddl/lexer.ts';
import {fillPlaceholder} from '../core/diff/flags.ts';
import type {Decisions, FillDecision, RenameDecision, Target} from '../core/diff/question.ts';
import {MigrError} from '../core/errors.ts';
import {clean} from '../core/text/clean.ts';
import type {FlagValues} from './line/command.ts';

/** The flags that answer questions. `create` and `diff` share them. */
export const decisionFlags = {
	rename: {type: 'strings', value: 'TABLE.OLD=NEW', help: 'OLD was renamed to NEW: user.name=full_name, or user=account for a table'},
	drop: {type: 'strings', value: 'TABLE[.COLUMN]', help: 'drop a table, column or other object, and its data'},
	fill: {
		type: 'strings',
		value: 'TABLE.COLUMN=SQL',
		help: 'an SQL expression over the old row; sets missing values, or converts values to a new type',
	},
	ignore: {
		type: 'strings',
		value: 'NAME',
		help: 'do not manage this object (saved in migrate.toml); legacy_* matches every name that starts with legacy_',
	},
	noRenames: {type: 'boolean', help: 'treat every possible rename as a drop and an add'},
	allowDrops: {type: 'boolean', help: 'confirm every drop, except those that an open rename question is about'},
	answers: {type: 'string', value: 'FILE', help: 'read the same answers from a TOML file'},
} as const;

/** Returns the decisions in the flags. The caller reads the `answers` file. */
export function decisionsFromFlags(flags: Omit<FlagValues<typeof decisionFlags>, 'answers'>): Decisions {
	return {
		renames: flags.rename.map((text) => renameFrom(text, '--rename')),
		drops: flags.drop.map((text) => dropFrom(text, '--drop')),
		fills: flags.fill.map((text) => fillFrom(text, '--fill')),
		ignore: flags.ignore,
		noRenames: flags.noRenames,
		allowDrops: flags.allowDrops,
	};
}

/** Parses `table.column=new` or `table=new`. `origin` is the flag or file key to name in errors. */
export function renameFrom(text: string, origin: string): RenameDecision {
	const [left, right] = sides(text, origin, 'TABLE.OLD=NEW');
	const from = pathOf(left, origin);
	const to = pathOf(right, origin);
	if (to.column === undefined) return {...from, to: to.table};
	// The new name is a full path: user.name=user.full_name.
	if (from.column !== undefined && to.table.toLowerCase() === from.table.toLowerCase()) return {...from, to: to.column};
	throw new MigrError('usage', `${origin}: ${clean(text)} would move a column to another table, which is not a rename`, {
		hint:
			from.column === undefined
				? `put double quotes around a name that contains a dot: '${clean(left)}="${clean(right)}"'`
				: 'write TABLE.OLD=NEW, where NEW is only the column name',
	});
}

/** Parses `table.column` or `table`. */
export function dropFrom(text: string, origin: string): Target {
	return pathOf(text, origin);
}

/** Parses `table.column=expression`. */
export function fillFrom(text: string, origin: string): FillDecision {
	const [left, expression] = sides(text, origin, 'TABLE.COLUMN=SQL');
	const {table, column} = pathOf(left, origin);
	if (column === undefined) throw new MigrError('usage', `${origin}: ${clean(left)} has no column name`, {hint: `write ${origin} TABLE.COLUMN=SQL`});
	return {table, column, expression: wholeExpression(expression, `${origin} ${clean(left)}`)};
}

/**
 * Checks that a text is one SQL expression that can be put in parentheses, and returns it trimmed.
 *
 * @throws MigrError `usage` if a quote or a parenthesis is not closed, or if the text is more than one expression
 */
export function wholeExpression(text: string, origin: string): string {
	const wrong = (what: string) =>
		new MigrError('usage', `${origin}: ${what} in ${clean(text.trim())}`, {hint: 'pass an SQL expression over the old row'});
	if (text.trim() === fillPlaceholder) throw wrong('the expression is missing');
	let depth = 0;
	let tokens: readonly Token[];
	try {
		tokens = tokenize(text);
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		throw wrong(error.message);
	}
	for (const token of tokens) {
		if (token.text === '(') depth += 1;
		if (token.text === ')') depth -= 1;
		if (depth < 0) throw wrong('an extra closing parenthesis');
		if (token.text === ';') throw wrong('a semicolon');
		if (token.kind === 'parameter') throw wrong(`the parameter ${clean(token.text)}`);
	}
	if (depth > 0) throw wrong('an unclosed parenthesis');
	if (tokens.at(-1)?.kind === 'comment') throw wrong('a comment');
	return text.trim();
}

/** Splits a text at the first `=` outside double quotes. */
function sides(text: string, origin: string, form: string): [string, string] {
	const left = /^(?:"(?:[^"]|"")*"|[^="])*(?==)/.exec(text)?.[0];
	const right = left === undefined ? '' : text.slice(left.length + 1);
	if (left === undefined || left.trim() === '' || right.trim() === '') {
		throw new MigrError('usage', `${origin}: cannot read ${clean(text)}`, {hint: `write ${origin} ${form}`});
	}
	return [left, right];
}

/** Parses a path. Names with a dot, an equals sign or a quote are in double quotes, and quotes inside are doubled: `"my.table"."a ""b"""`. */
function pathOf(text: string, origin: string): Target {
	const parts = [...text.trim().matchAll(/\s*(?:"((?:[^"]|"")*)"|([^."]+))\s*(\.|$)/gy)];
	const read = parts.reduce((length, part) => length + part[0].length, 0);
	const names = parts.map(([, inQuotes, plain]) => inQuotes?.replaceAll('""', '"') ?? (plain ?? '').trim());
	const [table, column] = names;
	if (table === undefined || table === '' || column === '' || names.length > 2 || read !== text.trim().length || parts.at(-1)?.[3] === '.') {
		throw new MigrError('usage', `${origin}: cannot read the name ${clean(text)}`, {
			hint: `write TABLE or TABLE.COLUMN, with double quotes around a name that contains a dot: '"my.table".column'`,
		});
	}
	return column === undefined ? {table} : {table, column};
}
