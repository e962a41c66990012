import {useInput, usePaste} from 'ink';
import {useContext, useEffect, useRef} from 'react';
import {MouseContext} from '../stage/mouse.ts';
import {ClockContext} from './clock.ts';
import {type Key, keysOf} from './key.ts';

/** Calls the handler for each key and each paste in order, even if several arrive in one read, and for each step of the wheel. */
export function useKeys(handler: (key: Key) => void): void {
	const clock = useContext(ClockContext);
	const mouse = useContext(MouseContext);
	const current = useRef(handler);
	current.current = handler;
	useInput((input, key) => {
		mouse.keyPressed();
		for (const each of keysOf(input, key, clock())) handler(each);
	});
	usePaste((text) => handler({name: 'paste', text, isCtrl: false, at: clock()}));
	useEffect(
		() => mouse.onWheel((direction) => current.current({name: direction === 'up' ? 'wheelUp' : 'wheelDown', text: '', isCtrl: false, at: clock()})),
		[mouse, clock],
	);
}
