import {readFileSync} from 'node:fs';

/** Modules that a framework or another runtime provides, so they exist only when the program runs: `cloudflare:workers`, `$env/static/private`. */
const runtimeModule = /^(?:(?:cloudflare|astro|virtual):|\$(?:env|app|service-worker)(?:\/|$))/;

/**
 * Returns the URL of a stand-in for a module that exists only when the program runs. Undefined for other modules. Models that only pass its exports
 * on can be loaded with it. Reading one of its values fails, because lite-migr cannot know the value.
 *
 * @param importer the file that imports it, whose text shows which exports are needed
 */
export function standInFor(specifier: string, importer: string): string | undefined {
	if (!runtimeModule.test(specifier)) return undefined;
	const names = importedNames(readFileSync(importer, 'utf8'), specifier);
	const exported = [...names].map((name) => `export ${name === 'default' ? 'default' : `const ${name} =`} ${exportedValue(specifier, name)};`);
	return `data:text/javascript,${encodeURIComponent([standIn, ...exported].join('\n'))}`;
}

/** SvelteKit's flags are false, so the code that they guard does not run. */
function exportedValue(specifier: string, name: string): string {
	return specifier === '$app/environment' && /^(?:browser|dev)$/.test(name) ? 'false' : `standIn(${JSON.stringify(`${name} of ${specifier}`)})`;
}

const standIn = `const standIn = (path) => new Proxy(function () {}, {
	get(_, name) {
		if (name === 'then') return undefined;
		if (name === Symbol.toPrimitive || name === 'toString' || name === 'valueOf' || name === 'toJSON') {
			throw new Error(path + ' exists only when the program runs, so a model cannot use its value');
		}
		return typeof name === 'symbol' ? undefined : standIn(path);
	},
	apply: () => standIn(path),
	construct: () => standIn(path),
});`;

/** Returns the exports that a module imports from another one. */
function importedNames(text: string, specifier: string): ReadonlySet<string> {
	const names = new Set<string>();
	const from = specifier.replace(/[\\^$.|?+()[\]{}*]/g, '\\$&');
	for (const [, isType, clause = ''] of text.matchAll(new RegExp(`\\b(?:import|export)\\s+(type\\s+)?([^'";]*?)\\s*from\\s*['"]${from}['"]`, 'g'))) {
		if (isType !== undefined) continue;
		const [, named = ''] = /\{([^}]*)\}/.exec(clause) ?? [];
		for (const item of named.split(',').map((part) => part.trim())) {
			const [, name] = /^([\w$]+)(?:\s+as\s+[\w$]+)?$/.exec(item) ?? [];
			if (name !== undefined) names.add(name);
		}
		if (/^[\w$]+/.test(clause.trim())) names.add('default');
	}
	return names;
}
