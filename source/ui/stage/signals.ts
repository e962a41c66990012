import {createContext} from 'react';
import {clean} from '../../core/text/clean.ts';

/** Signals to a terminal besides text. Terminals ignore signals that they do not support. */
export interface Signals {
	/** Copies a text to the user's clipboard, even over SSH (OSC 52). */
	copy(text: string): void;
	/** Shows a title and the progress from 0 to 1 of a long run, in the window and in the taskbar (OSC 0, OSC 9;4). */
	progress(title: string, share: number | undefined): void;
	/** Ends the progress, and restores the title. Rings the bell if the user may look elsewhere by now. */
	progressEnd(rings: boolean): void;
}

const silent: Signals = {copy: () => {}, progress: () => {}, progressEnd: () => {}};

export const SignalsContext = createContext<Signals>(silent);

const [esc, bell] = ['\u001b', '\u0007'];

/** Returns the signals of a terminal. `write` must not move the cursor. */
export function terminalSignals(write: (text: string) => void): Signals {
	let last = '';
	return {
		copy: (text) => write(`${esc}]52;c;${Buffer.from(text).toString('base64')}${bell}`),
		progress(title, share) {
			const percent = share === undefined ? undefined : Math.min(100, Math.floor(share * 100));
			const text = clean(percent === undefined ? title : `${percent}% ${title}`);
			if (text === last) return;
			// The first time, the terminal keeps the current title on its stack.
			const keep = last === '' ? `${esc}[22;0t` : '';
			last = text;
			write(`${keep}${esc}]0;${text}${bell}${esc}]9;4;${percent === undefined ? '3;0' : `1;${percent}`}${bell}`);
		},
		progressEnd(rings) {
			if (last !== '') write(`${esc}[23;0t${esc}]9;4;0;0${bell}`);
			last = '';
			if (rings) write(bell);
		},
	};
}
