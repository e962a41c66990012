import {MigrError} from '../errors.ts';
import {clean} from '../text/clean.ts';
import type {BundledMigration, LossStatement, Needs, Script, Statement} from './bundle.ts';
import type {AppliedRow} from './history.ts';

/**
 * How to read this file: the history stores the downgrade of each migration as operations, for lite-migr, and as a script, for this runtime:
 * `{"operations": […], "script": {"statements": […]}}`. An older release of a program does not have the migration, so it can only run the script. It
 * comes from a file that anyone may have written. Every statement must therefore be one that can only change objects and rows of this database.
 */

/** Returns the downgrade of a migration as text for the history. */
export function storedText({downgrade, down}: Pick<BundledMigration, 'downgrade' | 'down'>): string {
	return down === null ? downgrade : `{"operations":${downgrade},"script":${JSON.stringify(down)}}`;
}

/**
 * Reads the script that undoes an applied migration.
 *
 * @throws MigrError `history` if none is stored, or if it is anything other than a script written by lite-migr
 */
export function readStoredScript({name, downgrade}: AppliedRow): Script {
	const value = parsed(downgrade);
	if (!isRecord(value) || value.script === undefined) {
		const reason = isRecord(value) && typeof value.reason === 'string' ? value.reason : 'the history contains no script for it';
		throw new MigrError('history', `${clean(name)} cannot be undone by this program`, {
			details: [clean(reason), 'the database is unchanged'],
			hint: 'update the program, or undo the migration with lite-migr downgrade, which reads the downgrade as operations',
		});
	}
	const script = scriptOf(value.script);
	if (script !== undefined) return script;
	throw new MigrError('history', `the stored downgrade of ${clean(name)} is not a script of lite-migr`, {
		details: ['none of it was run', 'the database is unchanged'],
		hint: 'update the program: another program has changed the history of this database',
	});
}

function parsed(text: string | null): unknown {
	try {
		return JSON.parse(text ?? '');
	} catch {
		return undefined;
	}
}

function scriptOf(value: unknown): Script | undefined {
	if (!isRecord(value) || !Array.isArray(value.statements)) return undefined;
	const statements = value.statements.map((one) => statementOf(one));
	if (!statements.every((one) => one !== undefined)) return undefined;
	const {needs = {}} = value;
	if (!isRecord(needs) || !(needs.modules === undefined || (Array.isArray(needs.modules) && needs.modules.every((one) => typeof one === 'string')))) {
		return undefined;
	}
	return {statements, needs: needs as Needs};
}

function statementOf(value: unknown): Statement | undefined {
	if (typeof value === 'string') return isHarmless(value) ? value : undefined;
	if (!isRecord(value) || typeof value.sql !== 'string' || !isHarmless(value.sql)) return undefined;
	const {sql, loss} = value;
	if (loss === undefined) return {sql};
	if (!isRecord(loss) || typeof loss.kind !== 'string' || typeof loss.table !== 'string' || !/^\s*SELECT\b/i.test(sql)) return undefined;
	return {sql, loss: loss as unknown as NonNullable<LossStatement['loss']>};
}

/**
 * True if a text is one statement that creates, changes or drops objects of the database or its rows. Only a trigger may contain semicolons. Each
 * statement of its body must be harmless too, and nothing may follow its END, which would commit the transaction on its own.
 */
export function isHarmless(sql: string): boolean {
	if (/^PRAGMA (?:defer_foreign_keys|legacy_alter_table)=(?:ON|OFF)$/.test(sql)) return true;
	const words = wordsOf(sql);
	if (words === undefined) return false;
	const [first = '', second = ''] = words;
	if (!startWords.has(first) || (first === 'CREATE' && /^TEMP/.test(second))) return false;
	if (second === 'VIRTUAL' && !modules.has(words[words.indexOf('USING') + 1] ?? '')) return false;
	const isTrigger = first === 'CREATE' && second === 'TRIGGER';
	const last = words.at(-1) === ';' ? words.length - 1 : words.length;
	return words.every((word, index) => {
		if (dangerous.has(word)) return false;
		if (word === ';' && index < last) return isTrigger && (words[index + 1] === 'END' ? index + 2 === last : bodyWords.has(words[index + 1] ?? ''));
		// SQLite accepts a string as the name of a database.
		return words[index + 1] !== '.' || word.replace(/^'/, '') !== 'TEMP';
	});
}

const startWords: ReadonlySet<string> = new Set([
	'CREATE',
	'DROP',
	'ALTER',
	'INSERT',
	'UPDATE',
	'DELETE',
	'REPLACE',
	'SELECT',
	'WITH',
	'REINDEX',
	'ANALYZE',
]);
const bodyWords: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'SELECT', 'WITH']);

/** Modules that store everything in the database. Others may read or write files. */
const modules: ReadonlySet<string> = new Set(['FTS3', 'FTS4', 'FTS5', 'RTREE', 'RTREE_I32', 'GEOPOLY']);

/** Functions that act outside the database, where a program has enabled them. */
const dangerous: ReadonlySet<string> = new Set(['LOAD_EXTENSION', 'WRITEFILE', 'READFILE', 'FTS3_TOKENIZER', 'EDIT']);

/**
 * Returns names, keywords, dots and semicolons in upper case, without comments. A string begins with a quote, so it is never mistaken for a keyword.
 * Undefined if a string has no end.
 */
function wordsOf(sql: string): readonly string[] | undefined {
	const words: string[] = [];
	const token =
		/\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$)|('(?:[^']|'')*)'|"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|\[([^\]]*)\]|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|[\s\S]/y;
	for (let match = token.exec(sql); match !== null; match = token.exec(sql)) {
		const [text, string, double, back, bracket, word] = match;
		if (text === "'" || text === '"' || text === '`' || text === '[') return undefined;
		const name = string?.replaceAll("''", "'") ?? double?.replaceAll('""', '"') ?? back?.replaceAll('``', '`') ?? bracket ?? word;
		if (name !== undefined) words.push(name.toUpperCase());
		else if (text === ';' || text === '.') words.push(text);
		if (token.lastIndex >= sql.length) break;
	}
	return words;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
