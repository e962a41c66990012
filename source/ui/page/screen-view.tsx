import {type ReactNode, useContext, useEffect} from 'react';
import {addressed} from '../../core/text/address.ts';
import {reduceScroll, type ScrollState, scrollTop} from '../components/scroll-view/reduce-scroll.ts';
import type {SelectState} from '../components/select/reduce-select.ts';
import {isMovement, type Key, types} from '../keys/key.ts';
import {next, type ScreenStep} from '../keys/screen-step.ts';
import {useKeyReducer} from '../keys/use-key-reducer.ts';
import {MouseContext} from '../stage/mouse.ts';
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
import {arrowsOf, hasWheel, usesWheel} from './wheel.ts';

export interface ScreenViewProps<State, Result> {
	readonly screen: Screen<State, Result>;
	readonly onChange?: (state: State) => void;
	readonly onDone: (result: Result) => void;
}

/** The list that is shown instead of a screen: its keys, or the commands of the session. */
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
	const page = withNotice(pageOf(screen, shown, look, commands), shown.copied);
	const {rows, body} = layout(page, look);
	useWheel(hasWheel(page, look, body));
	return <Frame rows={rows} />;
}

/** Asks the terminal to report the wheel, as long as the page is shown. */
function useWheel(isWanted: boolean): void {
	const mouse = useContext(MouseContext);
	useEffect(() => {
		mouse.report(isWanted);
		return () => mouse.report(false);
	}, [mouse, isWanted]);
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
	const arrows = arrowsOf(key, page);
	if (arrows.length > 0) return reduceWheel(screen, state, key, arrows, {look, page, commands});
	if (page.isTyping !== true && types(key, 'y') && page.copy !== undefined) return next({...state, copied: page.copy});
	const {overlay} = state;
	if (overlay?.kind === 'commands') {
		const select = reduceCommands(overlay.select, key, commands);
		return next({...state, overlay: select === undefined ? undefined : {kind: 'commands', select}});
	}
	if (overlay?.kind === 'help') {
		const {body} = layout(page, look);
		const scrolled = reduceScroll(overlay.scroll, key, body);
		// At an end of a long list, an arrow key does nothing.
		const stays = scrolled !== overlay.scroll || (body.total > body.visible && isMovement(key));
		return next({...state, overlay: stays ? {kind: 'help', scroll: scrolled} : undefined});
	}
	if (page.isTyping !== true && types(key, '?')) return next({...state, overlay: {kind: 'help', scroll: scrollTop}});
	if (page.isTyping !== true && types(key, '@')) return next({...state, overlay: {kind: 'commands', select: openCommands(commands)}});
	const step = screen.reduce(state.inner, key, look);
	const shown = step.state === state.inner ? state : {...state, inner: step.state};
	return step.done === undefined ? next(shown) : {state: shown, done: step.done};
}

/** Scrolls, and never closes anything: a step of the wheel at the end of a page does nothing. */
function reduceWheel<State, Result>(
	screen: Screen<State, Result>,
	state: Shown<State>,
	wheel: Key,
	arrows: readonly Key[],
	{look, page, commands}: {readonly look: Look; readonly page: Page; readonly commands: readonly string[]},
): ScreenStep<Shown<State>, Result> {
	const {overlay} = state;
	if (overlay?.kind === 'help') {
		const scroll = arrows.reduce((scrolled, arrow) => reduceScroll(scrolled, arrow, layout(page, look).body), overlay.scroll);
		return next(scroll === overlay.scroll ? state : {...state, overlay: {kind: 'help', scroll}});
	}
	if (overlay?.kind === 'commands') {
		const select = arrows.reduce((selected, arrow) => reduceCommands(selected, arrow, commands) ?? selected, overlay.select);
		return next(select === overlay.select ? state : {...state, overlay: {kind: 'commands', select}});
	}
	if (!usesWheel(page)) return next(state);
	let inner = state.inner;
	for (const key of page.handlesWheel === true ? [wheel] : arrows) {
		const step = screen.reduce(inner, key, look);
		if (step.done !== undefined) return {state: {...state, inner: step.state}, done: step.done};
		inner = step.state;
	}
	return next(inner === state.inner ? state : {...state, inner});
}
