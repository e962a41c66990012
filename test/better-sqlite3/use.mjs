/** Replaces the package better-sqlite3 of this repository with the one in USE_BETTER_SQLITE3, in this process and in all that it starts. */
import module from 'node:module';
import {pathToFileURL} from 'node:url';

const root = new URL('../../', import.meta.url).href;

// A test starts the command with a Node.js that is too old for this function, and for lite-migr.
module.registerHooks?.({
	resolve(specifier, context, next) {
		if (specifier !== 'better-sqlite3' || context.parentURL?.startsWith(root) !== true) return next(specifier, context);
		return {url: pathToFileURL(`${process.env.USE_BETTER_SQLITE3}/lib/index.js`).href, format: 'commonjs', shortCircuit: true};
	},
});
