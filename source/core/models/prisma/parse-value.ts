import {prismaError} from './prisma-error.ts';
import type {Argument, Attribute, ObjectValue, Value} from './syntax.ts';
import {described, type TokenReader} from './token-reader.ts';

/** Reads an attribute, after its `@` or `@@`. */
export function parseAttribute(reader: TokenReader): Attribute {
	const place = reader.place();
	const name = parsePath(reader, 'the name of an attribute');
	return {name, arguments: reader.isAt('(') ? parseArguments(reader) : [], place};
}

function parsePath(reader: TokenReader, what: string): string {
	let path = reader.expectName(what).text;
	while (reader.take('.')) path += `.${reader.expectName('a name after the dot').text}`;
	return path;
}

/** Reads arguments in parentheses. They may be on several lines. */
function parseArguments(reader: TokenReader, depth = 0): readonly Argument[] {
	reader.expect('(');
	return listed(reader, ')', () => {
		const place = reader.place();
		const [first, second] = [reader.peek(), reader.peek(1)];
		if (first.kind !== 'name' || second.kind !== 'symbol' || second.text !== ':') return {name: undefined, value: parseValue(reader, depth), place};
		reader.next();
		reader.next();
		reader.skipNewlines();
		return {name: first.text, value: parseValue(reader, depth), place};
	});
}

/** Reads items with commas between them, up to the closing symbol. */
function listed<Item>(reader: TokenReader, closing: string, parse: () => Item): readonly Item[] {
	const items: Item[] = [];
	reader.skipNewlines();
	while (!reader.take(closing)) {
		items.push(parse());
		reader.skipNewlines();
		if (!reader.take(',') && !reader.isAt(closing)) {
			throw prismaError(reader.place(), `expected a comma or ${closing} instead of ${described(reader.peek())}`);
		}
		reader.skipNewlines();
	}
	return items;
}

const maxDepth = 50;

/** Reads a value. `depth` is the number of lists, objects and calls around it. */
export function parseValue(reader: TokenReader, depth = 0): Value {
	const place = reader.place();
	if (depth > maxDepth) throw prismaError(place, 'this value is nested too deeply');
	const token = reader.peek();
	if (token.kind === 'string') return {kind: 'string', text: reader.next().text, place};
	if (token.kind === 'number') return {kind: 'number', text: reader.next().text, place};
	if (token.kind === 'name') {
		const name = parsePath(reader, 'a name');
		return reader.isAt('(') ? {kind: 'call', name, arguments: parseArguments(reader, depth + 1), place} : {kind: 'name', name, place};
	}
	if (reader.take('[')) return {kind: 'list', items: listed(reader, ']', () => parseValue(reader, depth + 1)), place};
	if (reader.take('{')) return {kind: 'object', entries: listed(reader, '}', () => parseEntry(reader, depth + 1)), place};
	throw prismaError(place, `expected a value instead of ${described(token)}`);
}

function parseEntry(reader: TokenReader, depth: number): ObjectValue['entries'][number] {
	const place = reader.place();
	const name = reader.expectName('a name').text;
	reader.expect(':');
	reader.skipNewlines();
	return {name, value: parseValue(reader, depth), place};
}
