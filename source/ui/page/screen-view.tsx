import type {ReactNode} from 'react';
import {reduceScroll, type ScrollState, scrollTop} from '../components/scroll-view/reduce-scroll.ts';
import {type Key, types} from '../keys/key.ts';
import {next, type ScreenStep} from '../keys/screen-step.ts';
import {useKeyReducer} from '../keys/use-key-reducer.ts';
import {helpPage} from './help.ts';
import type {Look} from './look.ts';
import {layout} from './page.ts';
import {Frame} from './rows.tsx';
import type {Screen} from './screen.ts';
import {useLook} from './use-look.ts';

export interface ScreenViewProps<State, Result> {
	readonly screen: Screen<State, Result>;
	readonly onChange?: (state: State) => void;
	readonly onDone: (result: Result) => void;
}

interface Shown<State> {
	readonly inner: State;
	/** The scroll position of help. Undefined while the screen itself is shown. */
	readonly help: ScrollState | undefined;
}

/** Shows a screen and binds the keys to it. `?` shows the keys instead, unless letters are input. */
export function ScreenView<State, Result>({screen, onChange, onDone}: ScreenViewProps<State, Result>): ReactNode {
	const look = useLook();
	const {inner, help} = useKeyReducer<Shown<State>, Result>({
		initial: (now) => ({inner: screen.initial(now), help: undefined}),
		reduce: (state, key) => reduceShown(screen, state, key, look),
		onChange: (state) => onChange?.(state.inner),
		onDone,
	});
	const page = screen.view(inner, look);
	return <Frame rows={layout(help === undefined ? page : {...helpPage(page, look), offset: help.offset}, look).rows} />;
}

function reduceShown<State, Result>(screen: Screen<State, Result>, state: Shown<State>, key: Key, look: Look): ScreenStep<Shown<State>, Result> {
	if (state.help !== undefined) {
		const scrolled = reduceScroll(state.help, key, layout({...helpPage(screen.view(state.inner, look), look), offset: state.help.offset}, look).body);
		return next({...state, help: scrolled === state.help ? undefined : scrolled});
	}
	if (types(key, '?') && screen.view(state.inner, look).isTyping !== true) return next({...state, help: scrollTop});
	const step = screen.reduce(state.inner, key, look);
	const shown = step.state === state.inner ? state : {...state, inner: step.state};
	return step.done === undefined ? next(shown) : {state: shown, done: step.done};
}
