/**
 * Replaces newer syntax with text of the same length, for a parser that only supports Python up to 3.11: f-strings and t-strings that contain their own
 * quotes (PEP 701, PEP 750), defaults of type parameters (PEP 696) and `with` with several managers in parentheses (PEP 617). None of these affects
 * a schema, so their contents are overwritten.
 */
export function inOlderSyntax(text: string): string {
	if (!newer.test(text)) return text;
	const parts: string[] = [];
	let done = 0;
	let open = 0;
	for (let at = 0; at < text.length; ) {
		if (isOpening(text[at])) open += 1;
		if (isClosing(text[at])) open -= 1;
		const found = paintedString(text, at) ?? (open === 0 ? paintedHead(text, at) : undefined);
		if (found !== undefined) {
			parts.push(text.slice(done, at), found);
			done = at + found.length;
		}
		const end = found === undefined ? endOfToken(text, at, 0) : done;
		// The parser reports an unterminated string or bracket.
		if (end === undefined || found === '') return text;
		at = end;
	}
	return parts.join('') + text.slice(done);
}

/** A quick test. Most texts contain none of these. */
const newer = /\b[ft]r?['"]|\br[ft]['"]|\bwith\s*\(|\b(?:class|def|type)\s+\w+\s*\[/i;
const string = /((?:[rubft]|r[bft]|[bft]r)?)("""|'''|"|')/iy;

/** Returns the replacement for the f-string or t-string that begins here. Undefined if none does, or if it needs no replacement. */
function paintedString(text: string, at: number): string | undefined {
	const [opening, prefix = '', quote = ''] = matchAt(string, text, at) ?? [];
	if (opening === undefined || !/[ft]/i.test(prefix) || !isWordStart(text, at)) return undefined;
	const end = endOfFormat(text, at + opening.length, quote, 0);
	if (end === undefined) return undefined;
	const inside = text.slice(at + opening.length, end - quote.length);
	return `${asFormat(prefix)}${quote}${inside.includes('{') ? inside.replaceAll(quote.length === 3 ? /[^\n]/g : /[\s\S]/g, 'x') : inside}${quote}`;
}

/** Returns the replacement for `class A[T = int]` or `with (a as b, c as d)`, if it begins here. Empty if its bracket is not closed. */
function paintedHead(text: string, at: number): string | undefined {
	const [head] = matchAt(/(?:class|def|type)\s+\w+\s*(?=\[)|with\s*(?=\()/y, text, at) ?? [];
	if (head === undefined || !isWordStart(text, at)) return undefined;
	const from = at + head.length;
	const end = endOfBracket(text, from, 0);
	if (end === undefined) return '';
	const inside = text.slice(from, end);
	if (!head.startsWith('with')) return inside.includes('=') ? head.padEnd(end - at) : undefined;
	return /\bas\b/.test(inside) && /^\s*:/.test(text.slice(end, end + 200)) ? `${head} 0`.padEnd(end - at) : undefined;
}

const isOpening = (sign = ''): boolean => sign !== '' && '([{'.includes(sign);
const isClosing = (sign = ''): boolean => sign !== '' && ')]}'.includes(sign);
const asFormat = (prefix: string): string => prefix.replace('t', 'f').replace('T', 'F');

function isWordStart(text: string, at: number): boolean {
	return !/[\w.]/.test(text[at - 1] ?? '');
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
	pattern.lastIndex = at;
	return pattern.exec(text);
}

/** The maximum nesting of strings within strings. Deeper nesting does not occur in practice and would overflow the stack. */
const maxDepth = 50;

/** Returns the end of the comment, string, word or sign that begins here. Undefined, here and below, if a string or bracket is not closed. */
function endOfToken(text: string, at: number, depth: number): number | undefined {
	const opening = matchAt(string, text, at);
	if (opening !== null && isWordStart(text, at)) return endOfString(text, at, opening, depth);
	return at + (matchAt(/#[^\n]*|\w+|[\s\S]/y, text, at)?.[0].length ?? 1);
}

function endOfString(text: string, at: number, [opening, prefix = '', quote = '']: RegExpExecArray, depth: number): number | undefined {
	const from = at + opening.length;
	if (/[ft]/i.test(prefix)) return endOfFormat(text, from, quote, depth + 1);
	const rest = quote.length === 3 ? /(?:\\[\s\S]|[^\\])*?(?="""|''')/y : /(?:\\[\s\S]|[^\\\n])*?(?=["'\n])/y;
	for (let end = from; ; ) {
		const read = matchAt(rest, text, end);
		if (read === null) return undefined;
		end += read[0].length;
		if (text.startsWith(quote, end)) return end + quote.length;
		if (text[end] === '\n' && quote.length === 1) return undefined;
		end += 1;
	}
}

/** Returns the end of a format string whose text begins at `at`. */
function endOfFormat(text: string, at: number, quote: string, depth: number): number | undefined {
	if (depth > maxDepth) return undefined;
	for (let end = at; end < text.length; ) {
		if (text.startsWith(quote, end)) return end + quote.length;
		if (text[end] === '\n' && quote.length === 1) return undefined;
		if (text.startsWith('{{', end) || (text[end] === '\\' && text[end + 1] !== '{')) end += 2;
		else if (text[end] === '{') {
			const after = endOfReplacement(text, end + 1, quote, depth);
			if (after === undefined) return undefined;
			end = after;
		} else end += 1;
	}
	return undefined;
}

/** Returns the end of `{expression!r:format}`, after the closing brace. */
function endOfReplacement(text: string, at: number, quote: string, depth: number): number | undefined {
	for (let end = at; end < text.length; ) {
		const sign = text[end] ?? '';
		if (sign === '}') return end + 1;
		if (sign === ':') return endOfSpecification(text, end + 1, quote, depth);
		const after = isOpening(sign) ? endOfBracket(text, end, depth) : endOfToken(text, end, depth);
		if (after === undefined) return undefined;
		end = after;
	}
	return undefined;
}

function endOfSpecification(text: string, at: number, quote: string, depth: number): number | undefined {
	if (depth > maxDepth) return undefined;
	for (let end = at; end < text.length && !text.startsWith(quote, end); ) {
		if (text[end] === '}') return end + 1;
		const after = text[end] === '{' ? endOfReplacement(text, end + 1, quote, depth + 1) : end + 1;
		if (after === undefined) return undefined;
		end = after;
	}
	return undefined;
}

/** Returns the offset after the bracket that closes the one at `at`. */
function endOfBracket(text: string, at: number, depth: number): number | undefined {
	let open = 0;
	for (let end = at; end < text.length; ) {
		const sign = text[end] ?? '';
		if (isOpening(sign)) open += 1;
		if (isClosing(sign)) open -= 1;
		if (open === 0) return end + 1;
		const after = endOfToken(text, end, depth);
		if (after === undefined) return undefined;
		end = after;
	}
	return undefined;
}
