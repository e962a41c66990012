import {useAnimation} from 'ink';
import {createContext, type ReactNode, useContext} from 'react';
import {duration} from '../../core/text/numbers.ts';
import {spinner} from '../components/progress-bar/progress-bar.ts';
import {line, span} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import {layout, type Page} from '../page/page.ts';
import {Frame} from '../page/rows.tsx';
import {useLook} from '../page/use-look.ts';
import {type AwaitedLock, lockLines} from '../run/lock-lines.ts';

/** Seconds before the elapsed time is shown. */
const secondsUntilTimeIsShown = 2;

/** Returns the lock of another process that the current work waits for. Undefined if it does not wait. */
export const AwaitedLockContext = createContext<() => AwaitedLock | undefined>(() => undefined);

/** Shows the current activity of the program while there is nothing to choose. */
export function Busy({what}: {readonly what: () => string}): ReactNode {
	const look = useLook();
	const {time} = useAnimation({interval: 100});
	const seconds = Math.floor(time / 1000);
	const lock = useContext(AwaitedLockContext)();
	if (lock !== undefined) return <Frame rows={layout(waitingPage(lock, look), look).rows} />;
	const page = {
		title: line(
			spinner(time, look.isAscii),
			' ',
			span(`${what()} …${seconds < secondsUntilTimeIsShown ? '' : `   ${duration(seconds * 1000)}`}`, 'quiet'),
		),
		body: [],
		hints: [{keys: 'ctrl-c', label: 'leave'}],
		// There are no keys that `?` could list.
		isTyping: true,
	};
	return <Frame rows={layout(page, look).rows} />;
}

function waitingPage(lock: AwaitedLock, look: Look): Page {
	const [title = {spans: []}, ...body] = lockLines(lock, performance.now(), look);
	return {title, body, hints: [{keys: 'ctrl-c', label: 'leave'}], isTyping: true};
}
