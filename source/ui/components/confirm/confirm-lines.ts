import {safeSpans, spansWidth} from '../../page/fit.ts';
import {type Line, line, span, spans} from '../../page/line.ts';
import type {Look} from '../../page/look.ts';
import {textInputLine} from '../text-input/text-input-line.ts';
import {type ConfirmState, isTyped} from './reduce-confirm.ts';

export interface ConfirmLinesProps {
	/** The action to confirm: `Upgrade`. */
	readonly action: string;
	/** The name that the user must type. Undefined if selecting the action is enough. */
	readonly name: string | undefined;
}

/** Returns the Cancel entry, and below it the action with the name to type. */
export function confirmLines(state: ConfirmState, look: Look, {action, name}: ConfirmLinesProps): readonly Line[] {
	const pointer = (isHere: boolean) => (isHere ? span('❯ ', 'accent') : span('  '));
	const isMatching = name !== undefined && isTyped(state.input, name);
	const cancel: Line = {
		spans: spans(pointer(state.isOnCancel), state.isOnCancel ? span('Cancel', 'strong') : 'Cancel'),
		reading: {role: 'button', label: 'Cancel', isSelected: state.isOnCancel},
	};
	if (name === undefined) {
		const isHere = !state.isOnCancel;
		return [
			cancel,
			{spans: spans(pointer(isHere), isHere ? span(action, 'strong') : action), reading: {role: 'button', label: action, isSelected: isHere}},
		];
	}
	const ask = spans(
		pointer(!state.isOnCancel),
		span(action, state.isOnCancel ? undefined : 'strong'),
		'   type ',
		span(name, 'danger'),
		' to confirm',
	);
	const inputProps = {isFocused: !state.isOnCancel || state.input.characters.length > 0, label: `${action}: type ${name} to confirm`};
	const mark = isMatching ? span(' ✔ ', 'done') : span('   ');
	const mistyped = state.isMistyped ? [line('    ', span('✗ ', 'failed'), 'that is not ', span(name, 'strong'))] : [];
	// On one row if the name fits after the question.
	if (spansWidth(safeSpans(ask, look)) + spansWidth(safeSpans([span(name)], look)) + 6 <= look.columns) {
		return [cancel, textInputLine(state.input, look, {...inputProps, prompt: [...ask, span(':'), mark]}), ...mistyped];
	}
	const input = textInputLine(state.input, look, {...inputProps, prompt: spans('   ', mark)});
	return [cancel, {spans: ask, hang: [span('    ')], reading: {isHidden: true}}, input, ...mistyped];
}
