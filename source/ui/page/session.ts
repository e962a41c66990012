import {createContext} from 'react';

/** What the user has done since the program was started. */
export interface Session {
	/** The commands that do the same as the guided runs so far. */
	readonly commands: string[];
}

export const SessionContext = createContext<Session>({commands: []});
