import {useWindowSize} from 'ink';
import {createContext, useContext} from 'react';
import type {Look} from './look.ts';

/** True where the locale is not UTF-8. */
export const AsciiContext = createContext(false);

/** The size of the terminal as it is now, and what it can show. */
export function useLook(): Look {
	const {columns, rows} = useWindowSize();
	const isAscii = useContext(AsciiContext);
	return {columns, rows, isAscii};
}
