import {createContext} from 'react';

/** The user's actions since the program was started. */
export interface Session {
	/** The commands that do the same as the guided runs so far. */
	readonly commands: string[];
}

export const SessionContext = createContext<Session>({commands: []});
