/** Parses JSON with comments and trailing commas, as in tsconfig.json. Throws SyntaxError. */
export function parseJsonc(text: string): unknown {
	// Strings are matched first, so their contents are not read as comments.
	const bare = text
		.replace(/^\uFEFF/, '')
		.replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, string: string | undefined) => string ?? ' ')
		.replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, string: string | undefined) => string ?? '');
	return JSON.parse(bare);
}
