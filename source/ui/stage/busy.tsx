import {useAnimation} from 'ink';
import type {ReactNode} from 'react';
import {spinner} from '../components/progress-bar/progress-bar.ts';
import {line, span} from '../page/line.ts';
import {layout} from '../page/page.ts';
import {Frame} from '../page/rows.tsx';
import {useLook} from '../page/use-look.ts';

/** Says what is going on while there is nothing to choose. */
export function Busy({what}: {readonly what: string}): ReactNode {
	const look = useLook();
	const {time} = useAnimation({interval: 100});
	const page = {title: line(spinner(time, look.isAscii), ' ', span(`${what} …`, 'quiet')), body: [], hints: [{keys: 'ctrl-c', label: 'leave'}]};
	return <Frame rows={layout(page, look).rows} />;
}
