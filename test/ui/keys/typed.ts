import type {Key} from '../../../source/ui/keys/key.ts';
import type {Look} from '../../../source/ui/page/look.ts';
import type {Screen} from '../../../source/ui/page/screen.ts';

/** Returns a named key or a single character as a key for reducers. */
export function key(name: Key['name'] | (string & {}), options: {at?: number; isCtrl?: boolean} = {}): Key {
	const {at = 1000, isCtrl = false} = options;
	return name.length === 1 ? {name: 'character', text: name, isCtrl, at} : {name: name as Key['name'], text: '', isCtrl, at};
}

export function pasted(text: string): Key {
	return {name: 'paste', text, isCtrl: false, at: 1000};
}

export const wide: Look = {columns: 80, rows: 24, isAscii: false};
export const tiny: Look = {columns: 40, rows: 12, isAscii: false};

/** Returns the state and the results of a screen after some keys, without a terminal. */
export function played<State, Result>(
	screen: Screen<State, Result>,
	pressed: readonly Key[],
	look = wide,
): {state: State; results: readonly Result[]} {
	let state = screen.initial(0);
	const results: Result[] = [];
	for (const each of pressed) {
		const step = screen.reduce(state, each, look);
		state = step.state;
		if (step.done !== undefined) results.push(step.done.result);
	}
	return {state, results};
}
