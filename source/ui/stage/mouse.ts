import {createContext} from 'react';

/** The mouse wheel, while a page scrolls. See docs/decisions/0025. */
export interface Mouse {
	/** False if the terminal is never asked for reports. */
	readonly isEnabled: boolean;
	/** Asks the terminal to report the wheel, or to stop that. */
	report(isWanted: boolean): void;
	/** Must be called for each key: after text was selected, the next key turns the wheel on again. */
	keyPressed(): void;
	/** Releases the mouse while another program has the terminal, or while the process is suspended. */
	pause(): void;
	resume(): void;
	/** Calls the listener for each step of the wheel. The returned function removes it. */
	onWheel(listener: (direction: 'up' | 'down') => void): () => void;
	/** Returns stdin without the reports of the mouse, which are handled here. */
	filter(stdin: NodeJS.ReadStream): NodeJS.ReadStream;
}

const esc = '\u001b';

/** Reports of buttons and the wheel (1000) with coordinates as decimal numbers (1006): https://invisible-island.net/xterm/ctlseqs/ctlseqs.html. */
const on = `${esc}[?1000h${esc}[?1006h`;
const off = `${esc}[?1006l${esc}[?1000l`;

const reports = /\u001b\[<(\d+);\d+;\d+([Mm])/g;
/** The start of a report whose end has not arrived yet. A lone Escape or `ESC [` is more likely a key. */
const startOfReport = /\u001b\[<[\d;]*$/;

const [wheelUp, wheelDown] = [64, 65];
/** The bits for Shift, Alt and Ctrl. */
const modifiers = 4 + 8 + 16;

const none: Pick<Mouse, 'isEnabled' | 'report' | 'keyPressed' | 'onWheel'> = {
	isEnabled: false,
	report: () => {},
	keyPressed: () => {},
	onWheel: () => () => {},
};

export const MouseContext = createContext(none);

/** Returns the mouse of a terminal. `write` must not move the cursor. If `isEnabled` is false, the terminal is never asked for reports. */
export function terminalMouse(write: (text: string) => void, isEnabled: boolean): Mouse {
	const listeners = new Set<(direction: 'up' | 'down') => void>();
	let isWanted = false;
	let isSelecting = false;
	let isPaused = false;
	let isOn = false;
	const update = (): void => {
		const isNeeded = isEnabled && isWanted && !isSelecting && !isPaused;
		if (isNeeded === isOn) return;
		isOn = isNeeded;
		write(isOn ? on : off);
	};
	const heard = (button: number, isPress: boolean): void => {
		const kind = button & ~modifiers;
		if (kind === wheelUp || kind === wheelDown) {
			for (const listener of listeners) listener(kind === wheelUp ? 'up' : 'down');
		} else if (isPress) {
			// The user probably wants to select text, so the terminal handles the mouse from now on.
			isSelecting = true;
			update();
		}
	};
	return {
		isEnabled,
		report(wanted) {
			isWanted = wanted;
			update();
		},
		keyPressed() {
			isSelecting = false;
			update();
		},
		pause() {
			isPaused = true;
			update();
		},
		resume() {
			isPaused = false;
			update();
		},
		onWheel(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		filter(stdin) {
			let held = '';
			const read = (size?: number): unknown => {
				for (;;) {
					const chunk: unknown = stdin.read(size);
					if (typeof chunk !== 'string') return chunk;
					const text = held + chunk;
					held = isOn ? (startOfReport.exec(text)?.[0] ?? '') : '';
					const keys = text.slice(0, text.length - held.length).replace(reports, (_report, button: string, end: string) => {
						heard(Number(button), end === 'M');
						return '';
					});
					if (keys !== '') return keys;
				}
			};
			return new Proxy(stdin, {
				get(target, name) {
					if (name === 'read') return read;
					const value: unknown = Reflect.get(target, name, target);
					return typeof value === 'function' ? value.bind(target) : value;
				},
			});
		},
	};
}
