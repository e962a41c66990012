import {fileURLToPath} from 'node:url';
import {type ErrorLocation, MigrError} from '../../core/errors.ts';
import {plainPath} from '../../core/modules/module-url.ts';
import {clean} from '../../core/text/clean.ts';
import {thrownText} from '../../core/text/thrown.ts';

/** Returns the folder of lite-migr: of its source, or of the package. Not a constant: a bundle in CommonJS has no `import.meta.url`. */
const ownFolder = () => fileURLToPath(new URL('../..', import.meta.url));

/**
 * Returns an uncaught error. If project code threw it, converts it to an error for the user: a model, or a migration of another tool, did not await a
 * promise. Other errors are returned unchanged, because they are bugs in lite-migr.
 */
export function uncaughtError(error: unknown): unknown {
	if (error instanceof MigrError) return error;
	const place = placeInProject(error);
	if (place === undefined) return error;
	return new MigrError('model', `uncaught error in a model or a migration: ${clean(thrownText(error))}`, {
		location: place,
		hint: 'await every promise that the code starts',
		cause: error,
	});
}

/** Returns the location where project code threw an error. Undefined if lite-migr threw it. */
function placeInProject(error: unknown): ErrorLocation | undefined {
	if (!(error instanceof Error)) return {};
	for (const [, place = '', line] of (error.stack ?? '').matchAll(/((?:file:\/\/|\/|[A-Za-z]:\\)[^\n]*?):(\d+):\d+\)?$/gm)) {
		const file = plainPath(place);
		if (file.startsWith(ownFolder())) return undefined;
		if (!/[\\/]node_modules[\\/]/.test(file)) return {file, line: Number(line)};
	}
	return undefined;
}
