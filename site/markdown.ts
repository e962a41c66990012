/** A page without its fenced code blocks. Each of their lines is empty, so line numbers stay the same. */
export function withoutCodeBlocks(page: string): string {
	return page.replaceAll(/^(`{3,}).*\n[\s\S]*?^\1$/gm, (block) => block.replaceAll(/.+/g, ''));
}

/** Returns the headings of a page as a reader sees them, without the marks of code, emphasis and links. */
export function headingsOf(page: string): readonly string[] {
	return [...withoutCodeBlocks(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, text = '']) => plainText(text));
}

/** Returns a line of Markdown with the text of each link instead of the link, and without emphasis. Code stays code. */
export function withoutLinks(line: string): string {
	return line.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('**', '');
}

/** Returns the text of a line of Markdown, without the marks of code, emphasis and links. */
export function plainText(line: string): string {
	return withoutLinks(line).replaceAll(/[`*]/g, '').replaceAll('&lt;', '<').trim();
}

/** Returns the text of a paragraph as Markdown, for text that is not Markdown. Flags become code. */
export function asMarkdown(text: string): string {
	return text
		.replaceAll(/[\\<*[\]|`]|(?<!\w)_|_(?!\w)/g, (mark) => (mark === '<' ? '&lt;' : `\\${mark}`))
		.replaceAll(/(?<![\w'"-])--[a-z][a-z-]*/g, '`$&`');
}

/** Returns a table, or nothing if there are no rows. A bar inside a cell is escaped, because it would end the cell. */
export function tableOf(heads: readonly string[], rows: readonly (readonly string[])[]): string {
	if (rows.length === 0) return '';
	return [heads, heads.map(() => '---'), ...rows]
		.map((cells) => `| ${cells.map((cell) => cell.replaceAll(/(?<!\\)\|/g, '\\|')).join(' | ')} |`)
		.join('\n');
}

/** Joins the blocks of a page. Empty blocks are omitted. */
export function pageOf(blocks: readonly string[]): string {
	return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** Returns the first sentence of a text, with its full stop. */
export function firstSentence(text: string): string {
	const [paragraph = ''] = text.split('\n\n');
	const line = paragraph.replaceAll('\n', ' ');
	return /^.*?[.!?](?=\s|$)/.exec(line)?.[0] ?? line;
}
