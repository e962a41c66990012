import {type Line, line, prose, span, spans} from '../../page/line.ts';
import type {Look} from '../../page/look.ts';
import {textInputLine} from '../text-input/text-input-line.ts';
import {type ConfirmState, isTyped} from './reduce-confirm.ts';

export interface ConfirmLinesProps {
	/** What consent does: `Upgrade`. */
	readonly action: string;
	/** What must be typed. */
	readonly name: string;
}

/** Cancel, and below it the action with the name to type. */
export function confirmLines(state: ConfirmState, look: Look, {action, name}: ConfirmLinesProps): readonly Line[] {
	const pointer = (isHere: boolean) => (isHere ? span('❯ ', 'accent') : span('  '));
	const isMatching = isTyped(state.input, name);
	const cancel: Line = {
		spans: spans(pointer(state.isOnCancel), state.isOnCancel ? span('Cancel', 'strong') : 'Cancel'),
		reading: {role: 'button', label: 'Cancel', isSelected: state.isOnCancel},
	};
	const ask = prose(
		2,
		pointer(!state.isOnCancel),
		span(action, state.isOnCancel ? undefined : 'strong'),
		'   type ',
		span(name, 'danger'),
		' to confirm',
	);
	const input = textInputLine(state.input, look, {
		prompt: spans('    ', isMatching ? span('✔ ', 'done') : span('  ')),
		isFocused: !state.isOnCancel || state.input.characters.length > 0,
		label: `${action}: type ${name} to confirm`,
	});
	const mistyped = state.isMistyped ? [line('    ', span('✗ ', 'failed'), 'that is not ', span(name, 'strong'))] : [];
	return [cancel, {...ask, reading: {isHidden: true}}, input, ...mistyped];
}
