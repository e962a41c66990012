import {type Token, tokenize} from '../core/ddl/lexer.ts';
import {fillPlaceholder} from '../core/diff/flags.ts';
import type {Decisions, FillDecision, RenameDecision, Target} from '../core/diff/question.ts';
import {MigrError} from '../core/errors.ts';
import {clean} from '../core/text/clean.ts';
import type {FlagValues} from './line/command.ts';

/** The flags that answer questions; `create` and `diff` share them. */
export const decisionFlags = {
	rename: {type: 'strings', value: 'TABLE.OLD=NEW', help: 'OLD is called NEW now: user.name=full_name, or user=account for a table'},
	drop: {type: 'strings', value: 'TABLE[.COLUMN]', help: 'drop it, with its values'},
	fill: {
		type: 'strings',
		value: 'TABLE.COLUMN=SQL',
		help: 'an expression over the old row, for rows without a value or as the conversion to a new type',
	},
	ignore: {
		type: 'strings',
		value: 'NAME',
		help: 'not ours: leave it alone from now on (written into migrate.toml); legacy_* means all that start so',
	},
	noRenames: {type: 'boolean', help: 'whatever looks like a rename is a drop and an add'},
	allowDrops: {type: 'boolean', help: 'consent to every drop that is not an open rename question'},
	answers: {type: 'string', value: 'FILE', help: 'the same as TOML'},
} as const;

/** The decisions that flags state; `answers` is left to the caller. */
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

/** `table.column=new` or `table=new`. `origin` names what was written in errors: a flag, or a key of a file. */
export function renameFrom(text: string, origin: string): RenameDecision {
	const [left, right] = sides(text, origin, 'TABLE.OLD=NEW');
	const from = pathOf(left, origin);
	const to = pathOf(right, origin);
	if (to.column === undefined) return {...from, to: to.table};
	// Written as a whole path: user.name=user.full_name.
	if (from.column !== undefined && to.table.toLowerCase() === from.table.toLowerCase()) return {...from, to: to.column};
	throw new MigrError('usage', `${origin}: ${clean(text)} would move a column to another table, which is no rename`, {
		hint:
			from.column === undefined
				? `a name with a dot in it stands in double quotes: '${clean(left)}="${clean(right)}"'`
				: 'write TABLE.OLD=NEW, with NEW alone',
	});
}

/** `table.column` or `table`. */
export function dropFrom(text: string, origin: string): Target {
	return pathOf(text, origin);
}

/** `table.column=expression`. */
export function fillFrom(text: string, origin: string): FillDecision {
	const [left, expression] = sides(text, origin, 'TABLE.COLUMN=SQL');
	const {table, column} = pathOf(left, origin);
	if (column === undefined) throw new MigrError('usage', `${origin}: ${clean(left)} names no column`, {hint: `write ${origin} TABLE.COLUMN=SQL`});
	return {table, column, expression: wholeExpression(expression, `${origin} ${clean(left)}`)};
}

/**
 * An SQL expression as it can stand between parentheses.
 *
 * @throws MigrError `usage` where a quote or a parenthesis stays open, or more than an expression is there
 */
export function wholeExpression(text: string, origin: string): string {
	const wrong = (what: string) => new MigrError('usage', `${origin}: ${what} in ${clean(text.trim())}`, {hint: 'an SQL expression over the old row'});
	if (text.trim() === fillPlaceholder) throw wrong('there is no expression yet');
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
		if (depth < 0) throw wrong('a parenthesis too many');
		if (token.text === ';') throw wrong('a semicolon');
		if (token.kind === 'parameter') throw wrong(`the parameter ${clean(token.text)}`);
	}
	if (depth > 0) throw wrong('a parenthesis stays open');
	if (tokens.at(-1)?.kind === 'comment') throw wrong('a comment');
	return text.trim();
}

/** The two sides of the first `=` that stands outside of double quotes. */
function sides(text: string, origin: string, form: string): [string, string] {
	const left = /^(?:"(?:[^"]|"")*"|[^="])*(?==)/.exec(text)?.[0];
	const right = left === undefined ? '' : text.slice(left.length + 1);
	if (left === undefined || left.trim() === '' || right.trim() === '') {
		throw new MigrError('usage', `${origin}: cannot read ${clean(text)}`, {hint: `write ${origin} ${form}`});
	}
	return [left, right];
}

/** Names with a dot, an equals sign or a quote in them stand in double quotes, doubled inside: `"my.table"."a ""b"""`. */
function pathOf(text: string, origin: string): Target {
	const parts = [...text.trim().matchAll(/\s*(?:"((?:[^"]|"")*)"|([^."]+))\s*(\.|$)/gy)];
	const read = parts.reduce((length, part) => length + part[0].length, 0);
	const names = parts.map(([, inQuotes, plain]) => inQuotes?.replaceAll('""', '"') ?? (plain ?? '').trim());
	const [table, column] = names;
	if (table === undefined || table === '' || column === '' || names.length > 2 || read !== text.trim().length || parts.at(-1)?.[3] === '.') {
		throw new MigrError('usage', `${origin}: cannot read the name ${clean(text)}`, {
			hint: `TABLE or TABLE.COLUMN; a name with a dot in it stands in double quotes: '"my.table".column'`,
		});
	}
	return column === undefined ? {table} : {table, column};
}
