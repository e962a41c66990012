import type {MigrError} from '../../core/errors.ts';
import type {Problem} from '../components/error-view/error-lines.ts';

/** An error that came before anything was changed, for a screen. */
export function problemOf(error: MigrError): Problem {
	return {
		title: error.message,
		message: '',
		location: error.location ?? null,
		details: error.details,
		hint: error.hint ?? null,
		state: 'Nothing was changed.',
	};
}
