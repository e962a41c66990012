import {copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {dirname, join, relative, resolve} from 'node:path';
import {defineConfig, type MarkdownRenderer} from 'vitepress';
import {addressOf, sections} from '../navigation.ts';
import {slugOf} from '../slug.ts';

const root = resolve(import.meta.dirname, '../..');
const pages = ['site/index.md', 'docs/README.md', 'docs/decisions/README.md', ...sections.flatMap((section) => section.pages.map(({path}) => path))];

const linkOf = (path: string) => `/${addressOf(path).replace(/(?<=^|\/)index$/, '')}`;

/** Replaces links between files of the repository with links between pages of the site, which has other addresses. */
function repositoryLinks(markdown: MarkdownRenderer): void {
	markdown.core.ruler.push('repository-links', ({tokens, env}) => {
		const page: string | undefined = env.realPath;
		if (page === undefined) return;
		for (const token of tokens.flatMap(({children}) => children ?? [])) {
			const href = token.type === 'link_open' ? token.attrGet('href') : null;
			if (href === null || /^(?:[a-z]+:|[#/])/.test(href)) continue;
			const [path = '', anchor] = href.split('#');
			const target = resolve(dirname(page), path);
			const file = relative(root, existsSync(target) && statSync(target).isDirectory() ? join(target, 'README.md') : target);
			// A page that is not on the site keeps its link, so the check for dead links reports it.
			if (pages.includes(file)) token.attrSet('href', `${linkOf(file)}${anchor === undefined ? '' : `#${anchor}`}`);
		}
	});
}

/**
 * VitePress asks Vite to bundle its dependencies in advance, but Vite looks for them in the root of the repository, and warns. Without the request, it
 * bundles them when a page uses them.
 */
const bundleOnDemand = {
	name: 'bundle-on-demand',
	configResolved({optimizeDeps}: {readonly optimizeDeps: {include?: string[]}}): void {
		optimizeDeps.include = (optimizeDeps.include ?? []).filter((id) => !id.startsWith('vitepress > '));
	},
};

export default defineConfig({
	title: 'lite-migr',
	description: 'SQLite migrations that start from your data models and keep every row',
	srcDir: root,
	// Only the pages of the navigation: other Markdown files in the repository, such as test fixtures, are not part of the site.
	srcExclude: ['**/node_modules/**', 'test/**', 'dist/**', 'migrations-sample/**', 'source/**'],
	rewrites: Object.fromEntries(pages.map((path) => [path, `${addressOf(path)}.md`])),
	cleanUrls: true,
	// Pictures stay files, so a page does not contain them twice.
	vite: {build: {assetsInlineLimit: 0}, plugins: [bundleOnDemand]},
	markdown: {config: repositoryLinks, anchor: {slugify: slugOf}},
	themeConfig: {
		search: {provider: 'local'},
		outline: [2, 3],
		nav: [
			{text: 'Guide', link: '/getting-started'},
			{text: 'Commands', link: '/commands/'},
			{text: 'Reference', link: '/reference/error-codes'},
			{text: 'All pages', link: '/docs'},
		],
		sidebar: sections.map(({title, collapsed, pages: items}) => ({
			text: title,
			...(collapsed === undefined ? {} : {collapsed}),
			// A command is listed by its own name.
			items: items.map(({path, title: text}) => ({text: text.replace(/^lite-migr (?=\w+$)/, ''), link: linkOf(path)})),
		})),
	},
	/** Adds `llms.txt`, the Markdown files that it links to, and `llms-full.txt` with the text of all of them. */
	buildEnd({outDir}) {
		copyFileSync(join(root, 'llms.txt'), join(outDir, 'llms.txt'));
		const files = sections.flatMap((section) => section.pages.map(({path}) => path));
		for (const path of files) {
			mkdirSync(dirname(join(outDir, path)), {recursive: true});
			copyFileSync(join(root, path), join(outDir, path));
		}
		const text = files.map((path) => `<!-- ${path} -->\n\n${readFileSync(join(root, path), 'utf8').trim()}\n`);
		writeFileSync(join(outDir, 'llms-full.txt'), text.join('\n'));
	},
});
