import {hintOf, MigrError, type MigrErrorOptions} from '../errors.ts';
import {thrownText} from '../text/thrown.ts';
import {fileFailure} from './failure.ts';

/** A step that failed. `doing` describes the activity, such as `copying rows` or `building index user_name`. */
export class StepError extends MigrError {
	readonly doing: string;

	constructor(code: MigrError['code'], message: string, doing: string, options: MigrErrorOptions = {}) {
		super(code, message, options);
		this.doing = doing;
	}
}

/** Runs `work` and turns its errors into a StepError: `files`, `locked` or `database` if the file is the problem, otherwise the result of `explain`. */
export function attempt<T>(path: string, doing: string, work: () => T, explain?: (error: unknown) => StepError | undefined): T {
	try {
		return work();
	} catch (error) {
		throw stepError(path, doing, error, explain);
	}
}

export function stepError(path: string, doing: string, error: unknown, explain?: (error: unknown) => StepError | undefined): MigrError {
	if (error instanceof StepError) return error;
	const known = error instanceof MigrError ? error : fileFailure(error, path);
	if (known?.code === 'cancelled') return known;
	if (known !== undefined) {
		const {location, details} = known;
		return new StepError(known.code, known.message, doing, {
			hint: hintOf(known),
			location,
			details,
			cause: known.cause ?? error,
		});
	}
	return explain?.(error) ?? new StepError('migration', thrownText(error), doing, {cause: error});
}
