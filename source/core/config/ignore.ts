import {parse, TomlError} from 'smol-toml';
import {MigrError} from '../errors.ts';
import {lineEnd, type TomlEntry, tomlElements, tomlEntries} from './toml-entries.ts';

/**
 * Adds a name or pattern to `ignore` in the text of a `migrate.toml`, keeping the layout and the comments. Returns the same text if the name is
 * already in the list. The text must be valid TOML that `readConfig` accepts.
 *
 * @throws MigrError `config` if the layout has no safe place to add the name, such as an inline table
 */
export function addIgnore(text: string, name: string): string {
	if (ignores(text, name)) return text;
	const entries = tomlEntries(text);
	const ignore = entries.find((entry) => entry.kind === 'value' && entry.path.join('.') === 'migrate.ignore');
	const added = ignore === undefined ? insertKey(text, entries, `ignore = [${tomlString(name)}]`) : insertElement(text, ignore, tomlString(name));
	if (ignores(added, name)) return added;
	throw new MigrError('config', `cannot add ${tomlString(name)} to ignore without changing the layout of the file`, {
		location: ignore && {line: ignore.line},
		hint: `add ${tomlString(name)} to the ignore list in [migrate] by hand`,
	});
}

function ignores(text: string, name: string): boolean {
	try {
		const present = (parse(text) as {migrate?: {ignore?: unknown}}).migrate?.ignore;
		return Array.isArray(present) && present.includes(name);
	} catch (error) {
		if (error instanceof TomlError) return false;
		throw error;
	}
}

/** Returns a TOML basic string. */
function tomlString(text: string): string {
	return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}

function insertKey(text: string, entries: readonly TomlEntry[], assignment: string): string {
	const newline = text.includes('\r\n') ? '\r\n' : '\n';
	const header = entries.find((entry) => entry.kind === 'table' && entry.path.join('.') === 'migrate');
	const values = entries.filter((entry) => entry.kind === 'value' && entry.path.length === 2 && entry.path[0] === 'migrate');
	const last = values.at(-1) ?? header;
	if (last === undefined) {
		const gap = text === '' ? '' : text.endsWith('\n') ? newline : newline + newline;
		return `${text}${gap}[migrate]${newline}${assignment}${newline}`;
	}
	const end = lineEnd(text, last.end);
	const lineStart = text.lastIndexOf('\n', last.start - 1) + 1;
	const indent = last.kind === 'value' ? (/^[ \t]*/.exec(text.slice(lineStart, last.start))?.[0] ?? '') : '';
	const dotted = header === undefined ? 'migrate.' : '';
	return `${text.slice(0, end)}${newline}${indent}${dotted}${assignment}${end === text.length ? newline : ''}${text.slice(end)}`;
}

function insertElement(text: string, array: TomlEntry, element: string): string {
	const newline = text.includes('\r\n') ? '\r\n' : '\n';
	const last = tomlElements(text, array.valueStart).at(-1);
	if (last === undefined) {
		const bracket = array.end - 1;
		return `${text.slice(0, array.valueStart + 1)}${element}${text.slice(text.slice(array.valueStart, array.end).includes('#') ? array.valueStart + 1 : bracket)}`;
	}
	const lineStart = text.lastIndexOf('\n', last.start - 1) + 1;
	const indent = text.slice(lineStart, last.start);
	if (indent.trim() !== '') return `${text.slice(0, last.end)}, ${element}${text.slice(last.end)}`;
	const end = lineEnd(text, last.end);
	if (end >= array.end) return `${text.slice(0, last.end)},${newline}${indent}${element}${text.slice(last.end)}`;
	// One element per line: insert after the whole line, so a comment stays with its element.
	const rest = text.slice(last.end, end);
	const hasComma = /^[ \t]*,/.test(rest);
	return `${text.slice(0, last.end)}${hasComma ? '' : ','}${rest}${newline}${indent}${element}${hasComma ? ',' : ''}${text.slice(end)}`;
}
