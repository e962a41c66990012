import {openSelect, reduceSelect, type SelectState} from '../components/select/reduce-select.ts';
import {type SelectEntry, selectLines} from '../components/select/select-lines.ts';
import {isMovement, type Key} from '../keys/key.ts';
import {line, prose, span} from './line.ts';
import type {Look} from './look.ts';
import type {Page} from './page.ts';

/** Starts the list of commands on the newest one. */
export function openCommands(commands: readonly string[]): SelectState {
	return openSelect(entriesOf(commands), commands.length - 1);
}

/** Handles a key. Returns undefined if the list is closed. */
export function reduceCommands(state: SelectState, key: Key, commands: readonly string[]): SelectState | undefined {
	const step = reduceSelect(state, key, entriesOf(commands));
	if (step.entered !== undefined) return undefined;
	// At an end of the list, an arrow key does nothing.
	return step.state !== state || (commands.length > 1 && isMovement(key)) ? step.state : undefined;
}

/** Lists the commands that do the same as the actions on the screens. */
export function commandsPage(commands: readonly string[], state: SelectState, look: Look): Page {
	const selected = commands[state.index];
	return {
		title: line(span('Commands of this session', 'strong')),
		top: [prose(0, span('Each one does the same as a run on these screens.', 'quiet')), line()],
		...(commands.length === 0
			? {body: [prose(2, '  ', span('nothing to repeat yet: it lists what you run from the menu', 'quiet'))]}
			: selectLines(entriesOf(commands), state, look)),
		hints: [{keys: 'any other key', label: 'goes back'}],
		...(selected === undefined ? {} : {copy: {what: 'the command', text: selected}}),
	};
}

function entriesOf(commands: readonly string[]): readonly SelectEntry[] {
	return commands.map((command) => ({label: [span(command, 'accent')]}));
}
