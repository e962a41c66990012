import {createContext} from 'react';

/** Milliseconds that only go forward; a context, so that tests can set the time. */
export type Clock = () => number;

export const ClockContext = createContext<Clock>(() => performance.now());
