import {type ErrorLocation, MigrError} from '../../core/errors.ts';
import {knownFailure} from '../../core/sqlite/failure.ts';
import {nearPlaces} from '../../core/text/near-places.ts';
import type {ProblemData} from '../services.ts';
import {nearPath} from './near-path.ts';

/** Converts an error to data that can be sent between threads. Paths are relative to the working folder. */
export function problemData(thrown: unknown, cwd: string): ProblemData {
	const error = knownFailure(thrown) ?? thrown;
	if (error instanceof MigrError) {
		const {code, message, location, details, hint} = error;
		const near = location === undefined ? null : nearLocation(location, cwd);
		return {code, message: nearPlaces(message, cwd), location: near, details: details.map((detail) => nearPlaces(detail, cwd)), hint: hint ?? null};
	}
	const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
	return {code: 'internal', message, location: null, details: [], hint: null};
}

function nearLocation(location: ErrorLocation, cwd: string): ErrorLocation {
	return location.file === undefined ? location : {...location, file: nearPath(location.file, cwd)};
}

/** Recreates the error from its data. */
export function problemError({code, message, location, details, hint}: ProblemData): Error {
	if (code === 'internal') return new Error(message);
	return new MigrError(code, message, {details, ...(location === null ? {} : {location}), ...(hint === null ? {} : {hint})});
}
