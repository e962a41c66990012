import {type ReactNode, useContext} from 'react';
import {addressed} from '../../core/text/address.ts';
import {reduceScroll, type ScrollState, scrollTop} from '../components/scroll-view/reduce-scroll.ts';
import type {SelectState} from '../components/select/reduce-select.ts';
import {type Key, types} from '../keys/key.ts';
import {next, type ScreenStep} from '../keys/screen-step.ts';
import {useKeyReducer} from '../keys/use-key-reducer.ts';
import {SignalsContext} from '../stage/signals.ts';
import {commandsPage, openCommands, reduceCommands} from './commands.ts';
import {helpPage} from './help.ts';
import {blank, prose, span} from './line.ts';
import type {Look} from './look.ts';
import {type CopyTarget, layout, type Page} from './page.ts';
import {Frame} from './rows.tsx';
import type {Screen} from './screen.ts';
import {SessionContext} from './session.ts';
import {useLook} from './use-look.ts';

export interface ScreenViewProps<State, Result> {
	readonly screen: Screen<State, Result>;
	readonly onChange?: (state: State) => void;
	readonly onDone: (result: Result) => void;
}

/** What is shown over a screen: its keys, or the commands of the session. */
type Overlay = {readonly kind: 'help'; readonly scroll: ScrollState} | {readonly kind: 'commands'; readonly select: SelectState};

interface Shown<State> {
	readonly inner: State;
	readonly overlay: Overlay | undefined;
	/** Set by the key that copied it, until the next key. */
	readonly copied: CopyTarget | undefined;
}

/** Shows a screen and binds the keys to it. `?` shows the keys instead, `@` the commands of the session, unless letters are input. */
export function ScreenView<State, Result>({screen, onChange, onDone}: ScreenViewProps<State, Result>): ReactNode {
	const look = useLook();
	const {commands} = useContext(SessionContext);
	const signals = useContext(SignalsContext);
	const shown = useKeyReducer<Shown<State>, Result>({
		initial: (now) => ({inner: screen.initial(now), overlay: undefined, copied: undefined}),
		reduce: (state, key) => reduceShown(screen, state, key, look, commands),
		onChange: (state) => {
			if (state.copied !== undefined) signals.copy(addressed(state.copied.text, look.address ?? ''));
			onChange?.(state.inner);
		},
		onDone,
	});
	return <Frame rows={layout(withNotice(pageOf(screen, shown, look, commands), shown.copied), look).rows} />;
}

function pageOf<State>(screen: Screen<State, unknown>, {inner, overlay}: Shown<State>, look: Look, commands: readonly string[]): Page {
	const page = screen.view(inner, look);
	if (overlay === undefined) return page;
	if (overlay.kind === 'commands') return commandsPage(commands, overlay.select, look);
	return {...helpPage(page, look), offset: overlay.scroll.offset};
}

function withNotice(page: Page, copied: CopyTarget | undefined): Page {
	return copied === undefined
		? page
		: {...page, bottom: [...(page.bottom ?? []), blank, prose(4, '  ', span('✔ ', 'done'), `copied ${copied.what}`)]};
}

function reduceShown<State, Result>(
	screen: Screen<State, Result>,
	before: Shown<State>,
	key: Key,
	look: Look,
	commands: readonly string[],
): ScreenStep<Shown<State>, Result> {
	const state = before.copied === undefined ? before : {...before, copied: undefined};
	const page = pageOf(screen, state, look, commands);
	if (page.isTyping !== true && types(key, 'y') && page.copy !== undefined) return next({...state, copied: page.copy});
	const {overlay} = state;
	if (overlay?.kind === 'commands') {
		const select = reduceCommands(overlay.select, key, commands);
		return next({...state, overlay: select === undefined ? undefined : {kind: 'commands', select}});
	}
	if (overlay?.kind === 'help') {
		const scrolled = reduceScroll(overlay.scroll, key, layout(page, look).body);
		return next({...state, overlay: scrolled === overlay.scroll ? undefined : {kind: 'help', scroll: scrolled}});
	}
	if (page.isTyping !== true && types(key, '?')) return next({...state, overlay: {kind: 'help', scroll: scrollTop}});
	if (page.isTyping !== true && types(key, '@')) return next({...state, overlay: {kind: 'commands', select: openCommands(commands)}});
	const step = screen.reduce(state.inner, key, look);
	const shown = step.state === state.inner ? state : {...state, inner: step.state};
	return step.done === undefined ? next(shown) : {state: shown, done: step.done};
}
