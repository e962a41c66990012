import {existsSync, readFileSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {headingsOf, withoutCodeBlocks} from './markdown.ts';
import {anchorsOf} from './slug.ts';

/** A link of a page to a file of the repository that does not exist, or to a heading that the file does not have. */
export interface BrokenLink {
	readonly line: number;
	readonly link: string;
}

/** Returns the broken links and pictures of a page. Addresses on the web are not checked. */
export function brokenLinks(page: string, text = readFileSync(page, 'utf8')): readonly BrokenLink[] {
	const lines = withoutCodeBlocks(text).split('\n');
	return lines.flatMap((content, index) => {
		const links = [...content.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^()\s]+)\)/g)].map(([, link = '']) => link);
		return links.filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(link, page, text)).map((link) => ({line: index + 1, link}));
	});
}

function leadsSomewhere(link: string, page: string, text: string): boolean {
	const [path = '', anchor] = link.split('#');
	const target = path === '' ? page : join(dirname(page), path);
	if (!existsSync(target)) return false;
	if (anchor === undefined) return true;
	const file = statSync(target).isDirectory() ? join(target, 'README.md') : target;
	return anchorsOf(headingsOf(path === '' ? text : readFileSync(file, 'utf8'))).includes(anchor);
}
