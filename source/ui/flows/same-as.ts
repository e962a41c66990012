import {addressed} from '../../core/text/address.ts';
import {widthOf} from '../page/fit.ts';
import {type Line, line, prose, span, textOf} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import type {Flow} from './flow.ts';

/** Remembers the command that does the same as a guided run, and returns the lines that show it. `note` says what it does not do. */
export function sameAs({session}: Flow, words: readonly string[], note?: string): (look: Look) => readonly Line[] {
	session.commands.push(words.join(' '));
	return (look) => withNote(commandLines('same as', words, look), note, look);
}

/** Adds a note to a command: after it, or below it if there is no room. */
function withNote(lines: readonly Line[], note: string | undefined, look: Look): readonly Line[] {
	if (note === undefined) return lines;
	const [only, another] = lines;
	const fits = only !== undefined && another === undefined && widthOf(`${addressed(textOf(only), look.address ?? '')}   ${note}`) <= look.columns;
	return fits ? [line(...only.spans, span(`   ${note}`, 'quiet'))] : [...lines, prose(4, '    ', span(note, 'quiet'))];
}

/** The flags of a run that change how it runs, as they were given. */
export interface GivenRunFlags {
	readonly noBackup?: boolean;
	readonly wait?: number | undefined;
	readonly acceptEdited?: boolean;
}

/** Returns the flags of a run, for the command that does the same. */
export function runFlags({noBackup, wait, acceptEdited}: GivenRunFlags): readonly string[] {
	return [
		...(noBackup === true ? ['--no-backup'] : []),
		...(wait === undefined ? [] : [`--wait ${wait}`]),
		...(acceptEdited === true ? ['--accept-edited'] : []),
	];
}

/** Adds the flags that name the project and the database as separate words. */
function withAddress(words: readonly string[], address: string): readonly string[] {
	const [command = '', ...flags] = words;
	if (addressed(command, address) === command) return words;
	return [command, ...address.trim().split(/ (?=--(?:config|db|db-list) )/), ...flags];
}

/** Splits a row, so that the flags that its command already has on the next row are not added again. */
function unaddressed(row: string): readonly string[] {
	return row.split(/(?<=^lite-migr )/);
}

/** Returns a labeled command. If it is too long for a row, it is split over lines that a shell reads as one command. */
export function commandLines(label: string, words: readonly string[], look: Look): readonly Line[] {
	// Three spaces, like the commands above it in the summary of a run.
	const lead = `  ${label}   `;
	// The command as it will be shown, with the flags that name the project and the database.
	const whole = addressed(words.join(' '), look.address ?? '');
	if (lead.length + widthOf(whole) <= look.columns) return [line(span(lead, 'quiet'), span(whole, 'accent'))];
	const fits = 4 + widthOf(whole) <= look.columns;
	const parts = withAddress(words, look.address ?? '');
	const rows = fits ? [whole] : parts.map((word, index) => `${index === 0 ? '' : '  '}${word}${index < parts.length - 1 ? ' \\' : ''}`);
	return [line(span(`  ${label}:`, 'quiet')), ...rows.map((row) => prose(8, '    ', ...unaddressed(row).map((part) => span(part, 'accent'))))];
}
