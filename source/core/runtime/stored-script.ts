import {MigrError} from '../errors.ts';
import {clean} from '../text/clean.ts';
import type {BundledMigration, LossStatement, Needs, Script, Statement} from './bundle.ts';
import type {AppliedRow} from './history.ts';

/**
 * How to read this file: the history stores the downgrade of each migration as operations, for lite-migr, and as a script, for this runtime:
 * `{"operations": […], "script": {"statements": […]}}`. An older release of a program does not have the migration, so the script is all it can run. It
 * comes from a file that anyone may have written. Every statement must therefore be one that can only change objects and rows of this database.
 */

/** Returns the downgrade of a migration as text for the history. */
export function storedText({downgrade, down}: Pick<BundledMigration, 'downgrade' | 'down'>): string {
	return down === null ? downgrade : `{"operations":${downgrade},"script":${JSON.stringify(down)}}`;
}

/**
 * Reads the script that undoes an applied migration.
 *
 * @param attached names of other databases of the connection, which a script must not use
 * @throws MigrError `history` if none is stored, or if it contains anything else than a script of lite-migr
 */
export function readStoredScript({name, downgrade}: AppliedRow, attached: readonly string[]): Script {
	const value = parsed(downgrade);
	if (!isRecord(value) || value.script === undefined) {
		const reason = isRecord(value) && typeof value.reason === 'string' ? value.reason : 'the history contains no script for it';
		throw new MigrError('history', `${clean(name)} cannot be undone by this program`, {
			details: [clean(reason), 'the database is unchanged'],
			hint: 'update the program, or undo the migration with lite-migr downgrade, which reads the downgrade as operations',
		});
	}
	const script = scriptOf(value.script, attached);
	if (script !== undefined) return script;
	throw new MigrError('history', `the stored downgrade of ${clean(name)} is not a script of lite-migr`, {
		details: ['nothing of it was run', 'the database is unchanged'],
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

function scriptOf(value: unknown, attached: readonly string[]): Script | undefined {
	if (!isRecord(value) || !Array.isArray(value.statements)) return undefined;
	const statements = value.statements.map((one) => statementOf(one, attached));
	if (!statements.every((one) => one !== undefined)) return undefined;
	const {needs = {}} = value;
	if (!isRecord(needs) || !(needs.modules === undefined || (Array.isArray(needs.modules) && needs.modules.every((one) => typeof one === 'string')))) {
		return undefined;
	}
	return {statements, needs: needs as Needs};
}

function statementOf(value: unknown, attached: readonly string[]): Statement | undefined {
	if (typeof value === 'string') return isHarmless(value, attached) ? value : undefined;
	if (!isRecord(value) || typeof value.sql !== 'string' || !isHarmless(value.sql, attached)) return undefined;
	const {sql, loss} = value;
	if (loss === undefined) return {sql};
	if (!isRecord(loss) || typeof loss.kind !== 'string' || typeof loss.table !== 'string' || !/^\s*SELECT\b/i.test(sql)) return undefined;
	return {sql, loss: loss as unknown as NonNullable<LossStatement['loss']>};
}

/**
 * True if a text contains only statements that create, change or drop objects of the database or its rows. Any statement after a semicolon must be
 * harmless too, so nothing can hide in the body of a trigger.
 */
export function isHarmless(sql: string, attached: readonly string[] = []): boolean {
	if (/^PRAGMA (?:defer_foreign_keys|legacy_alter_table)=(?:ON|OFF)$/.test(sql)) return true;
	const words = wordsOf(sql);
	if (words === undefined) return false;
	const [first = '', second = ''] = words;
	if (!startWords.has(first) || (first === 'CREATE' && /^TEMP/.test(second))) return false;
	if (second === 'VIRTUAL' && !modules.has(words[words.indexOf('USING') + 1] ?? '')) return false;
	const names = new Set(['TEMP', ...attached.map((name) => name.toUpperCase())]);
	return words.every((word, index) => {
		if (dangerous.has(word)) return false;
		if (word === ';') return index === words.length - 1 || bodyWords.has(words[index + 1] ?? '');
		return words[index + 1] !== '.' || !names.has(word);
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
const bodyWords: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'SELECT', 'WITH', 'END']);

/** Modules that store everything in the database. Others may read or write files. */
const modules: ReadonlySet<string> = new Set(['FTS3', 'FTS4', 'FTS5', 'RTREE', 'RTREE_I32', 'GEOPOLY']);

/** Functions that act outside the database, where a program has enabled them. */
const dangerous: ReadonlySet<string> = new Set(['LOAD_EXTENSION', 'WRITEFILE', 'READFILE', 'FTS3_TOKENIZER', 'EDIT']);

/** Returns names, keywords, dots and semicolons in upper case, without strings and comments. Undefined if a string or comment has no end. */
function wordsOf(sql: string): readonly string[] | undefined {
	const words: string[] = [];
	const token =
		/\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'|"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|\[([^\]]*)\]|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|[\s\S]/y;
	for (let match = token.exec(sql); match !== null; match = token.exec(sql)) {
		const [text, double, back, bracket, word] = match;
		if (text === "'" || text === '"' || text === '`' || text === '[') return undefined;
		const name = double?.replaceAll('""', '"') ?? back?.replaceAll('``', '`') ?? bracket ?? word;
		if (name !== undefined) words.push(name.toUpperCase());
		else if (text === ';' || text === '.') words.push(text);
		if (token.lastIndex >= sql.length) break;
	}
	return words;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
