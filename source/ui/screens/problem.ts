import {type DisplayedError, errorLines} from '../components/error-view/error-lines.ts';
import {reduceScroll, type ScrollState, scrollTop} from '../components/scroll-view/reduce-scroll.ts';
import {types} from '../keys/key.ts';
import {done, next} from '../keys/screen-step.ts';
import {line, span} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import {layout, type Page} from '../page/page.ts';
import type {Screen} from '../page/screen.ts';

export interface ProblemProps {
	readonly title: string;
	readonly problem: DisplayedError;
	/** True if trying again may help, for example after the user has fixed a file. */
	readonly canRetry: boolean;
	/** What leaving the screen does. Default: `back`. */
	readonly back?: string;
}

/** Returns the command that a hint suggests, or else the location. */
function whatToCopy({location, hint}: DisplayedError): Pick<Page, 'copy'> {
	const command = /^run ((?:npx )?wrangler .+?)(?: to [a-z ]+)?$/m.exec(hint ?? '')?.[1];
	if (command !== undefined) return {copy: {what: 'the command', text: command}};
	const {file, line: number} = location ?? {};
	return file === undefined ? {} : {copy: {what: 'the location', text: number === undefined ? file : `${file}:${number}`}};
}

/** Shows a failure: the problem, the location, the state of the database, and the next step. */
export function problemScreen({title, problem, canRetry, back = 'back'}: ProblemProps): Screen<ScrollState, 'back' | 'retry'> {
	const view = (state: ScrollState, _look: Look): Page => ({
		title: line(span(title, 'strong')),
		body: errorLines(problem),
		offset: state.offset,
		...whatToCopy(problem),
		hints: [
			...(canRetry ? [{keys: 'r', label: 'try again', explanation: 'after you have fixed the problem'}] : []),
			{keys: '↑↓', label: 'scroll', explanation: 'also page up, page down, home and end', isExtra: true},
			{keys: 'esc', label: back},
		],
	});
	return {
		initial: () => scrollTop,
		reduce: (state, key, look) => {
			if (key.name === 'escape' || key.name === 'enter' || types(key, 'q') || types(key, 'b')) return done(state, 'back');
			if (types(key, 'r') && canRetry) return done(state, 'retry');
			return next(reduceScroll(state, key, layout(view(state, look), look).body));
		},
		view,
	};
}
