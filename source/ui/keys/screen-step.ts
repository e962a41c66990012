/** The outcome of a key: the next state, and the result if the screen is done. */
export interface ScreenStep<State, Result> {
	readonly state: State;
	readonly done?: {readonly result: Result};
}

export function next<State>(state: State): ScreenStep<State, never> {
	return {state};
}

export function done<State, Result>(state: State, result: Result): ScreenStep<State, Result> {
	return {state, done: {result}};
}
