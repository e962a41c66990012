import {createContext} from 'react';

/** Escape that was pressed after a screen was done, before the next one was drawn. */
export interface LateEscape {
	isPressed: boolean;
}

/**
 * Escape pressed twice in a row acts twice, even if the second press arrives between two screens. Other keys are ignored there, because they were not
 * meant for a screen that the user has not seen yet.
 */
export const LateEscapeContext = createContext<LateEscape>({isPressed: false});
