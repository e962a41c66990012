import type {Key} from '../keys/key.ts';
import type {ScreenStep} from '../keys/screen-step.ts';
import type {Look} from './look.ts';
import type {Page} from './page.ts';

/**
 * A screen without a terminal: its initial state, its reducer for keys, and its view. Pure, so it can be tested with plain data. `ScreenView` is the
 * only component that binds it to Ink.
 */
export interface Screen<State, Result> {
	readonly initial: (now: number) => State;
	readonly reduce: (state: State, key: Key, look: Look) => ScreenStep<State, Result>;
	readonly view: (state: State, look: Look) => Page;
}
