import {useAnimation} from 'ink';
import type {ReactNode} from 'react';
import {duration} from '../../core/text/numbers.ts';
import {spinner} from '../components/progress-bar/progress-bar.ts';
import {line, span} from '../page/line.ts';
import {layout} from '../page/page.ts';
import {Frame} from '../page/rows.tsx';
import {useLook} from '../page/use-look.ts';

/** Seconds before the elapsed time is shown. */
const secondsUntilTimeIsShown = 2;

/** Shows the current activity of the program while there is nothing to choose. */
export function Busy({what}: {readonly what: string}): ReactNode {
	const look = useLook();
	const {time} = useAnimation({interval: 100});
	const seconds = Math.floor(time / 1000);
	const page = {
		title: line(
			spinner(time, look.isAscii),
			' ',
			span(`${what} …${seconds < secondsUntilTimeIsShown ? '' : `   ${duration(seconds * 1000)}`}`, 'quiet'),
		),
		body: [],
		hints: [{keys: 'ctrl-c', label: 'leave'}],
		// There are no keys that `?` could list.
		isTyping: true,
	};
	return <Frame rows={layout(page, look).rows} />;
}
