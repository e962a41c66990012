import {useStdout} from 'ink';
import {createContext, useContext, useMemo, useSyncExternalStore} from 'react';
import type {FindLinks} from '../../core/text/links.ts';
import {MouseContext} from '../stage/mouse.ts';
import type {Look} from './look.ts';

/** A source of the terminal size. `read` returns the same object until the size changes. */
export interface SizeSource {
	read(): {readonly columns: number; readonly rows: number};
	subscribe(listener: () => void): () => void;
}

export const SizeContext = createContext<SizeSource | undefined>(undefined);

/** True if the locale is not UTF-8. */
export const AsciiContext = createContext(false);

/** The flags of the command line that name the project and the database. */
export const AddressContext = createContext('');

/** Finds paths and URLs in lines. Undefined if the terminal does not support links. */
export const LinksContext = createContext<FindLinks | undefined>(undefined);

/** Returns the current size of the terminal, and what it can show. */
export function useLook(): Look {
	const {stdout} = useStdout();
	const fixedSize = useContext(SizeContext);
	const isAscii = useContext(AsciiContext);
	const address = useContext(AddressContext);
	const links = useContext(LinksContext);
	const {isEnabled: hasMouse} = useContext(MouseContext);
	const source = useMemo(() => fixedSize ?? sizeOf(stdout as NodeJS.WriteStream), [fixedSize, stdout]);
	const {columns, rows} = useSyncExternalStore(source.subscribe, source.read);
	return {columns, rows, isAscii, hasMouse, address, ...(links === undefined ? {} : {links})};
}

/** Returns the terminal itself as the source of its size, if there is no other one. */
function sizeOf(stdout: NodeJS.WriteStream): SizeSource {
	let size = {columns: stdout.columns, rows: stdout.rows};
	return {
		read() {
			if (size.columns !== stdout.columns || size.rows !== stdout.rows) size = {columns: stdout.columns, rows: stdout.rows};
			return size;
		},
		subscribe(listener) {
			stdout.on('resize', listener);
			return () => stdout.off('resize', listener);
		},
	};
}
