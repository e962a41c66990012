/**
 * Returns the anchor of a heading as GitHub forms it: lower case, without punctuation, with hyphens for spaces. The site uses the same anchors, so a
 * link with an anchor works in both places.
 */
export function slugOf(heading: string): string {
	return heading
		.toLowerCase()
		.replace(/[^\p{L}\p{N}\s_-]/gu, '')
		.trim()
		.replaceAll(/\s/g, '-');
}

/** Returns the anchors of the headings of a page. A repeated heading gets a number, as on GitHub and on the site. */
export function anchorsOf(headings: readonly string[]): readonly string[] {
	const seen = new Map<string, number>();
	return headings.map((heading) => {
		const slug = slugOf(heading);
		const count = seen.get(slug) ?? 0;
		seen.set(slug, count + 1);
		return count === 0 ? slug : `${slug}-${count}`;
	});
}
