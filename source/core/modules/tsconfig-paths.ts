import {existsSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, isAbsolute, join, resolve} from 'node:path';
import {MigrError} from '../errors.ts';
import {parseJsonc} from '../text/jsonc.ts';

/** The import aliases in `compilerOptions.paths` and `baseUrl` of the nearest tsconfig.json (or jsconfig.json). */
export interface PathAliases {
	/** Returns the files that a specifier may refer to by `paths`, ignoring extensions, most likely first. */
	byPaths(specifier: string): readonly string[];
	/** Returns the file that a specifier may refer to by `baseUrl`. */
	byBaseUrl(specifier: string): string | undefined;
}

interface Options {
	readonly baseUrl?: string;
	readonly paths?: Readonly<Record<string, readonly string[]>>;
	/** The folder that the targets of `paths` are relative to. */
	readonly pathsBase?: string;
}

/** Returns a function that finds the aliases for the files of a folder. It caches the files it reads. */
export function pathAliasReader(): (folder: string) => PathAliases {
	const configs = new Map<string, Options>();
	return (folder) => {
		const file = nearestConfig(folder);
		if (file === undefined) return aliases({});
		let options = configs.get(file);
		if (options === undefined) {
			options = readOptions(file, dirname(file), new Set());
			configs.set(file, options);
		}
		return aliases(options);
	};
}

function nearestConfig(folder: string): string | undefined {
	for (let at = folder; ; at = dirname(at)) {
		const found = ['tsconfig.json', 'jsconfig.json'].map((name) => join(at, name)).find((file) => existsSync(file));
		if (found !== undefined || dirname(at) === at) return found;
	}
}

interface TsConfig {
	readonly extends?: string | readonly string[];
	readonly references?: readonly {readonly path?: string}[];
	readonly compilerOptions?: {readonly baseUrl?: string; readonly paths?: Readonly<Record<string, readonly string[]>>};
}

const configDirVariable = /\$\{configDir\}/g;

/** Reads the options of a file (https://www.typescriptlang.org/tsconfig/#extends). They override the extended options. `seen` breaks cycles. */
function readOptions(file: string, configDir: string, seen: Set<string>): Options {
	if (seen.has(file)) return {};
	seen.add(file);
	const config = readConfig(file);
	const inherited = [config.extends ?? []].flat().map((name) => extendedConfig(name, file));
	let options: Options = {};
	for (const parent of inherited) {
		// A missing file is an error in the project that TypeScript reports. Models still load if they need none of its aliases.
		if (parent !== undefined) options = {...options, ...readOptions(parent, configDir, seen)};
	}
	const {baseUrl, paths} = config.compilerOptions ?? {};
	const place = (path: string) => resolve(dirname(file), path.replace(configDirVariable, configDir));
	if (baseUrl !== undefined) options = {...options, baseUrl: place(baseUrl)};
	if (paths !== undefined) {
		const targets = Object.entries(paths).map(([key, values]) => [key, values.map((value) => value.replace(configDirVariable, configDir))] as const);
		options = {...options, paths: Object.fromEntries(targets), pathsBase: options.baseUrl ?? dirname(file)};
	}
	return options.paths === undefined ? {...referencedOptions(config, file, configDir, seen), ...options} : options;
}

/** Returns the options of a tsconfig.json that only refers to other files, as in Vite's templates. */
function referencedOptions(config: TsConfig, file: string, configDir: string, seen: Set<string>): Options {
	for (const {path} of config.references ?? []) {
		const referenced = path === undefined ? undefined : resolve(dirname(file), path);
		const target = [referenced ?? '', join(referenced ?? '', 'tsconfig.json')].find((each) => each.endsWith('.json') && existsSync(each));
		const options = target === undefined ? {} : readOptions(target, configDir, seen);
		if (options.paths !== undefined) return options;
	}
	return {};
}

function readConfig(file: string): TsConfig {
	try {
		const parsed = parseJsonc(readFileSync(file, 'utf8'));
		return typeof parsed === 'object' && parsed !== null ? (parsed as TsConfig) : {};
	} catch (cause) {
		throw new MigrError('model', `cannot read the path aliases in this file: ${(cause as Error).message}`, {location: {file}, cause});
	}
}

function extendedConfig(name: string, from: string): string | undefined {
	if (name.startsWith('.') || isAbsolute(name)) {
		const path = resolve(dirname(from), name);
		return [path, `${path}.json`].find((file) => file.endsWith('.json') && existsSync(file));
	}
	const require = createRequire(from);
	for (const specifier of [name, `${name}.json`, `${name}/tsconfig.json`]) {
		try {
			return require.resolve(specifier);
		} catch {
			// Try the next spelling.
		}
	}
	return undefined;
}

function aliases({baseUrl, paths, pathsBase}: Options): PathAliases {
	return {
		byPaths: (specifier) => {
			const [pattern, star] = bestPattern(specifier, Object.keys(paths ?? {})) ?? [];
			if (pattern === undefined || pathsBase === undefined) return [];
			return (paths?.[pattern] ?? []).map((target) =>
				resolve(
					pathsBase,
					target.replace('*', () => star ?? ''),
				),
			);
		},
		byBaseUrl: (specifier) => (baseUrl === undefined ? undefined : resolve(baseUrl, specifier)),
	};
}

/** Returns the best pattern and the text its star matches. An exact key comes first, then the pattern with the longest text before its star. */
function bestPattern(specifier: string, patterns: readonly string[]): readonly [string, string] | undefined {
	if (patterns.includes(specifier)) return [specifier, ''];
	let best: readonly [string, string] | undefined;
	let longest = -1;
	for (const pattern of patterns) {
		const star = pattern.indexOf('*');
		if (star < 0) continue;
		const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
		const fits = specifier.length >= before.length + after.length && specifier.startsWith(before) && specifier.endsWith(after);
		if (fits && before.length > longest) {
			longest = before.length;
			best = [pattern, specifier.slice(before.length, specifier.length - after.length)];
		}
	}
	return best;
}
