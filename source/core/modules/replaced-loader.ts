import {types} from 'node:util';
import {MigrError} from '../errors.ts';

/** True if the error comes from a different context than this code: a test runner has replaced Node's module loader with its own. */
export function isOfAnotherContext(error: unknown): boolean {
	return types.isNativeError(error) && !(error instanceof Error);
}

/** Explains that files cannot be loaded, because Jest, or Vitest in a vm pool, loads them itself. */
export function loaderReplaced(cause: unknown): MigrError {
	return new MigrError('config', 'this test runner does not let lite-migr load TypeScript and JavaScript files', {
		hint: 'use migrations with format = "sql", or run the tests with node --test, or with Vitest in the pool forks or threads',
		cause,
	});
}
