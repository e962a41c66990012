/** Parses JSON with comments and trailing commas, as in tsconfig.json. Throws SyntaxError. */
export function parseJsonc(text: string): unknown {
	// Strings come first, so that nothing inside of them is taken for a comment.
	const bare = text
		.replace(/^\uFEFF/, '')
		.replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, string: string | undefined) => string ?? ' ')
		.replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, string: string | undefined) => string ?? '');
	return JSON.parse(bare);
}
