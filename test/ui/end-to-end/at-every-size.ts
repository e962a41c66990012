import {test, vi} from 'vitest';
import type {ProjectFolder} from '../../project-folder.ts';
import type {CommandOptions} from '../command-terminal.ts';
import {keys} from '../emulator.ts';
import {type CommandTerminal, command} from '../pseudo-terminal.ts';

const usual = {columns: 80, rows: 24};
const wide = {columns: 120, rows: 40};
const small = {columns: 40, rows: 12};

/** The sizes of a story: all three of them with `STORIES=all`, otherwise one: 40 × 12 for half of the stories, because most faults of a layout are there. */
function sizesOf(name: string): readonly {readonly columns: number; readonly rows: number}[] {
	if (process.env.STORIES === 'all') return [usual, wide, small];
	return [[small, usual, small, wide][name.length % 4] ?? usual];
}

/** A terminal size, and the built command in it. */
export interface StorySize {
	readonly columns: number;
	readonly rows: number;
	/** True for 40 × 12, where parts are omitted and lines are cut. */
	readonly isSmall: boolean;
	/** True if two panes fit side by side. */
	readonly isWide: boolean;
	/** Starts the built command in a pseudo-terminal of this size. */
	open(folder: Pick<ProjectFolder, 'path'>, ...argv: readonly string[]): CommandTerminal;
	openWith(env: CommandOptions['env'], folder: Pick<ProjectFolder, 'path'>, ...argv: readonly string[]): CommandTerminal;
}

/** Tests the same story in a pseudo-terminal at 80 × 24, 120 × 40 and 40 × 12: see `sizesOf`. */
export function story(name: string, tell: (size: StorySize) => Promise<void>): void {
	storyAt(test.each(sizesOf(name)), name, tell);
}

/** A story that takes more than ten seconds: it is reported as skipped unless `STORIES=all` is set. */
export function longStory(name: string, tell: (size: StorySize) => Promise<void>): void {
	storyAt(test.runIf(process.env.STORIES === 'all').each([usual, wide, small]), name, tell);
}

function storyAt(
	each: (name: string, options: {readonly timeout: number}, run: (size: {readonly columns: number; readonly rows: number}) => Promise<void>) => void,
	name: string,
	tell: (size: StorySize) => Promise<void>,
): void {
	each(`${name}, at $columns × $rows`, {timeout: 60_000}, async ({columns, rows}) => {
		const openWith: StorySize['openWith'] = (env, folder, ...argv) =>
			command(folder.path, argv, {columns, rows, ...(env === undefined ? {} : {env})});
		await tell({
			columns,
			rows,
			isSmall: columns < 60,
			isWide: columns >= 110,
			openWith,
			open: (folder, ...argv) => openWith(undefined, folder, ...argv),
		});
	});
}

/** Returns a text without line breaks, because a narrow terminal wraps it. */
export function flat(text: string): string {
	return text.replace(/\s+/g, ' ');
}

/** Opens the list of keys, and returns the part of it that is in view. Any key goes back. */
export async function openHelp(ui: CommandTerminal): Promise<string> {
	ui.press('?');
	await ui.waitFor(/^Keys$/m);
	// A frame can arrive in parts.
	await ui.still();
	return flat(ui.frame());
}

/** Types the name that a confirmation asks for. */
export async function confirm(ui: CommandTerminal, name: string): Promise<void> {
	await heardConfirmation(ui);
	ui.press(name);
	await ui.waitFor(`${name.slice(-6)}▏`);
	ui.press(keys.enter);
}

/** Waits before typing: a confirmation ignores keys for a moment, and no user reads and types that fast. */
export async function heardConfirmation(ui: CommandTerminal): Promise<void> {
	await ui.waitFor('❯ Cancel');
	await vi.waitFor(() => {
		ui.press(keys.down);
		if (!/❯ (Upgrade|Downgrade|Restore)/.test(ui.frame())) throw new Error('the confirmation still ignores keys');
	});
}
