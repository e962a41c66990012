import {confirmLines} from '../components/confirm/confirm-lines.ts';
import {type ConfirmState, type Consent, openConfirm, reduceConfirm} from '../components/confirm/reduce-confirm.ts';
import {reduceScroll} from '../components/scroll-view/reduce-scroll.ts';
import {next} from '../keys/screen-step.ts';
import {blank, type Line} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import {layout, type Page} from '../page/page.ts';
import type {Screen} from '../page/screen.ts';
import {arrowsOf} from '../page/wheel.ts';

export interface ConsentProps {
	readonly title: Line;
	readonly top?: readonly Line[];
	/** The losses. They scroll if they do not fit, so that all of them can be read. */
	readonly losses: (look: Look) => readonly Line[];
	/** Whether and how the data could be restored. Always in view. */
	readonly safety: readonly Line[];
	/** The action to confirm: `Upgrade`. */
	readonly action: string;
	/** The name that the user must type. Undefined if selecting the action is enough. */
	readonly name: string | undefined;
}

export interface ConsentState extends ConfirmState {
	/** The scroll position. Undefined until the user scrolls, which keeps the input in view even on a small terminal. */
	readonly offset: number | undefined;
}

/** Shows the losses, and asks the user to confirm by typing a name, or by selecting the action if nothing of value is lost. */
export function consentScreen({title, top, losses, safety, action, name}: ConsentProps): Screen<ConsentState, Consent> {
	const view = (state: ConsentState, look: Look): Page => ({
		title,
		top,
		body: losses(look),
		offset: state.offset,
		bottom: [...safety, blank, ...confirmLines(state, look, {action, name})],
		hints: [
			{keys: '↑↓', label: 'move', isExtra: true},
			{keys: 'enter', label: state.isOnCancel ? 'cancel' : action.toLowerCase()},
			{keys: 'pgup/pgdn', label: 'scroll', isExtra: true},
			{keys: 'esc', label: 'cancel', explanation: 'nothing is changed'},
		],
		isTyping: true,
		handlesWheel: true,
	});
	return {
		initial: (now) => ({...openConfirm(now), offset: undefined}),
		reduce: (state, key, look) => {
			const {body} = layout(view(state, look), look);
			const arrows = arrowsOf(key, {});
			if (arrows.length > 0) {
				const {offset} = arrows.reduce((scroll, arrow) => reduceScroll(scroll, arrow, body), {offset: body.offset});
				return next(offset === body.offset ? state : {...state, offset});
			}
			if (key.name === 'pageUp' || key.name === 'pageDown') {
				return next({...state, offset: reduceScroll({offset: body.offset}, key, body).offset});
			}
			const step = reduceConfirm(state, key, name);
			return {...step, state: step.state === state ? state : {...step.state, offset: body.holdsBottom ? undefined : state.offset}};
		},
		view,
	};
}
