import {createContext} from 'react';

/** A monotonic clock in milliseconds. It comes from a context, so that tests can set the time. */
export type Clock = () => number;

export const ClockContext = createContext<Clock>(() => performance.now());
