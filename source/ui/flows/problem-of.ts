import type {MigrError} from '../../core/errors.ts';
import type {DisplayedError} from '../components/error-view/error-lines.ts';

/** Converts an error that happened before any change, for a screen. */
export function problemOf(error: MigrError): DisplayedError {
	return {
		title: error.message,
		message: '',
		location: error.location ?? null,
		details: error.details,
		hint: error.hint ?? null,
		state: error.state ?? 'Nothing was changed.',
	};
}
