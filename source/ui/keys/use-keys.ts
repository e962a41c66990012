import {useInput, usePaste} from 'ink';
import {useContext} from 'react';
import {ClockContext} from './clock.ts';
import {type Key, keysOf} from './key.ts';

/** Calls the handler for each key and each paste in order, even if several arrive in one read. */
export function useKeys(handler: (key: Key) => void): void {
	const clock = useContext(ClockContext);
	useInput((input, key) => {
		for (const each of keysOf(input, key, clock())) handler(each);
	});
	usePaste((text) => handler({name: 'paste', text, isCtrl: false, at: clock()}));
}
