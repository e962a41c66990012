import {MigrError} from '../errors.ts';
import {fileFailure, knownFailure, sqliteCode} from '../sqlite/failure.ts';
import {clean} from '../text/clean.ts';
import {isError, thrownText} from '../text/thrown.ts';

/**
 * Returns any error as one for the user. An unknown error is reported as a bug in lite-migr.
 *
 * @param database the path that an error about a file is about, if the error does not know it
 */
export function asProblem(error: unknown, database?: string): MigrError {
	if (error instanceof MigrError) return error;
	// A dry run works on a copy, so the message must name the original.
	const known = (database === undefined ? undefined : fileFailure(error, database)) ?? knownFailure(error);
	if (known !== undefined) return known;
	const message = thrownText(error);
	if (sqliteCode(error) !== undefined) return new MigrError('database', clean(message), {cause: error});
	return new MigrError('database', `internal error: ${clean(message)}`, {
		details: isError(error)
			? (error.stack ?? '')
					.split('\n')
					.slice(1, 4)
					.map((line) => line.trim())
			: [],
		hint: 'please report this bug in lite-migr with the lines above',
		cause: error,
	});
}
