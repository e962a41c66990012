/** The pages of the site, in the order of its navigation. `npm run docs:generate` writes them to `pages.json`, with titles and summaries. */
import pages from './pages.json' with {type: 'json'};

export interface Page {
	/** Relative to the repository: `docs/safety.md`. */
	readonly path: string;
	readonly title: string;
	/** One sentence. */
	readonly summary: string;
}

export interface Section {
	readonly title: string;
	readonly pages: readonly Page[];
	/** True if the navigation shows the pages only after a click. */
	readonly collapsed?: boolean;
}

export const sections: readonly Section[] = pages;

/** Returns the address of a page on the site, without a leading slash: `docs/commands/README.md` is `commands/index`. */
export function addressOf(path: string): string {
	const special = new Map([
		['site/index.md', 'index'],
		['README.md', 'getting-started'],
		['docs/README.md', 'docs'],
		['bench/RESULTS.md', 'benchmarks'],
	]).get(path);
	return (
		special ??
		path
			.replace(/^docs\//, '')
			.replace(/\.md$/, '')
			.replace(/(?<=^|\/)README$/, 'index')
			.replace(/^[A-Z]+$/, (name) => name.toLowerCase())
	);
}
