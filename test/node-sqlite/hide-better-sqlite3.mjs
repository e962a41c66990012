/** Hides the package better-sqlite3 from lite-migr, but not from the tests, in this process and in all that it starts. */
import module from 'node:module';

// A test starts the command with a Node.js that is too old for this function, and for lite-migr.
module.registerHooks?.({
	resolve(specifier, context, next) {
		const isHidden = specifier.startsWith('better-sqlite3') && /\/source\/core\/own-url\.ts$|\/dist\/|\/package\.json$/.test(context.parentURL ?? '');
		if (!isHidden) return next(specifier, context);
		throw Object.assign(new Error(`Cannot find module '${specifier}'`), {code: 'MODULE_NOT_FOUND'});
	},
});
