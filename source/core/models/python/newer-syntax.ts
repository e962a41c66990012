/**
 * The same text, character for character as long, for a parser that knows Python up to 3.11: f-strings and t-strings that hold quotes of their
 * own kind (PEP 701, PEP 750), defaults of type parameters (PEP 696) and `with` over several managers in parentheses (PEP 617). None of these
 * can say anything about a schema, so what is inside of them is painted over.
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
		// A string or bracket without an end is for the parser to find.
		if (end === undefined || found === '') return text;
		at = end;
	}
	return parts.join('') + text.slice(done);
}

/** A text without any of these is most often what there is. */
const newer = /\b[ft]r?['"]|\br[ft]['"]|\bwith\s*\(|\b(?:class|def|type)\s+\w+\s*\[/i;
const string = /((?:[rubft]|r[bft]|[bft]r)?)("""|'''|"|')/iy;

/** What stands in place of the f-string or t-string that begins here; undefined where none does, or where it may stay. */
function paintedString(text: string, at: number): string | undefined {
	const [opening, prefix = '', quote = ''] = matchAt(string, text, at) ?? [];
	if (opening === undefined || !/[ft]/i.test(prefix) || !isWordStart(text, at)) return undefined;
	const end = endOfFormat(text, at + opening.length, quote, 0);
	if (end === undefined) return undefined;
	const inside = text.slice(at + opening.length, end - quote.length);
	return `${asFormat(prefix)}${quote}${inside.includes('{') ? inside.replaceAll(quote.length === 3 ? /[^\n]/g : /[\s\S]/g, 'x') : inside}${quote}`;
}

/** What stands in place of `class A[T = int]` or `with (a as b, c as d)`, if that begins here; '' where its bracket has no end. */
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

/** Strings within strings deeper than this are nobody's, and would overflow the stack. */
const deepest = 50;

/** Behind the comment, string, word or sign that begins here; undefined, as below, where a string or bracket has no end. */
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

/** Behind the quote that ends a format string, whose text begins at `at`. */
function endOfFormat(text: string, at: number, quote: string, depth: number): number | undefined {
	if (depth > deepest) return undefined;
	for (let end = at; end < text.length; ) {
		if (text.startsWith(quote, end)) return end + quote.length;
		if (text[end] === '\n' && quote.length === 1) return undefined;
		if (text.startsWith('{{', end) || (text[end] === '\\' && text[end + 1] !== '{')) end += 2;
		else if (text[end] === '{') {
			const behind = endOfReplacement(text, end + 1, quote, depth);
			if (behind === undefined) return undefined;
			end = behind;
		} else end += 1;
	}
	return undefined;
}

/** Behind the brace that ends `{expression!r:format}`. */
function endOfReplacement(text: string, at: number, quote: string, depth: number): number | undefined {
	for (let end = at; end < text.length; ) {
		const sign = text[end] ?? '';
		if (sign === '}') return end + 1;
		if (sign === ':') return endOfSpecification(text, end + 1, quote, depth);
		const behind = isOpening(sign) ? endOfBracket(text, end, depth) : endOfToken(text, end, depth);
		if (behind === undefined) return undefined;
		end = behind;
	}
	return undefined;
}

function endOfSpecification(text: string, at: number, quote: string, depth: number): number | undefined {
	if (depth > deepest) return undefined;
	for (let end = at; end < text.length && !text.startsWith(quote, end); ) {
		if (text[end] === '}') return end + 1;
		const behind = text[end] === '{' ? endOfReplacement(text, end + 1, quote, depth + 1) : end + 1;
		if (behind === undefined) return undefined;
		end = behind;
	}
	return undefined;
}

/** Behind the bracket that closes the one at `at`. */
function endOfBracket(text: string, at: number, depth: number): number | undefined {
	let open = 0;
	for (let end = at; end < text.length; ) {
		const sign = text[end] ?? '';
		if (isOpening(sign)) open += 1;
		if (isClosing(sign)) open -= 1;
		if (open === 0) return end + 1;
		const behind = endOfToken(text, end, depth);
		if (behind === undefined) return undefined;
		end = behind;
	}
	return undefined;
}
