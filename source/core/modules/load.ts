import type {ResolveFnOutput} from 'node:module';
import {loadOf, plainPath} from './module-url.ts';
import {type PathAliases, pathAliasReader} from './tsconfig-paths.ts';

export type Transform = (source: string, file: string) => string;

/** Files that Node's own `import()` cannot load. A failed load finds them, and the next load of the same files starts with them. */
export interface Workarounds {
	readonly transform?: Transform;
	/** Files that are run through `transform` instead of Node's type stripping. */
	readonly transformed: ReadonlySet<string>;
	/** CommonJS packages whose exports are read at run time, by import specifier. Node only finds names that it can detect in the text. */
	readonly bridged: ReadonlySet<string>;
}

/** The state of one load of user modules. Loads share no state, so several can run at the same time. */
export interface Load {
	/** The number in the URLs of the modules. */
	readonly id: number;
	readonly workarounds: Workarounds;
	/** Returns the import aliases for the files of a folder. */
	readonly aliasesOf: (folder: string) => PathAliases;
	/** The user's files that were read, in order. */
	readonly filesRead: Set<string>;
	/** The files that imports in the user's files led to, including JSON and the entry files of packages. */
	readonly imported: Set<string>;
	/** The user's CommonJS files. */
	readonly commonJs: Set<string>;
	/** The loaded modules of these files while another load uses `require.cache`. */
	readonly suspended: Map<string, NodeJS.Module>;
	/** The resolution of `lite-migr`, by the folder of the importing file. */
	readonly ownOrInstalled: Map<string, ResolveFnOutput>;
}

export const noWorkarounds: Workarounds = {transformed: new Set(), bridged: new Set()};

/** Returns a load that has not read anything. */
export function newLoad(id: number, workarounds: Workarounds): Load {
	return {
		id,
		workarounds,
		aliasesOf: pathAliasReader(),
		filesRead: new Set(),
		imported: new Set(),
		commonJs: new Set(),
		suspended: new Map(),
		ownOrInstalled: new Map(),
	};
}

/** True for the URL of a module that belongs to this load, as written in a stack trace. */
export function isOfLoad(load: Load, url: string): boolean {
	return loadOf(url) === load.id || load.commonJs.has(plainPath(url));
}
