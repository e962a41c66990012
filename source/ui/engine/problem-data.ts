import {MigrError} from '../../core/errors.ts';
import type {ProblemData} from '../services.ts';

/** An error as data that can be sent from thread to thread. */
export function problemData(error: unknown): ProblemData {
	if (error instanceof MigrError) {
		const {code, message, location, details, hint} = error;
		return {code, message, location: location ?? null, details, hint: hint ?? null};
	}
	const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
	return {code: 'fault', message, location: null, details: [], hint: null};
}

/** The error that the data was made from. */
export function problemError({code, message, location, details, hint}: ProblemData): Error {
	if (code === 'fault') return new Error(message);
	return new MigrError(code, message, {details, ...(location === null ? {} : {location}), ...(hint === null ? {} : {hint})});
}
