import {partsOfString} from './literals.ts';
import {type PythonText, positionAt, pythonError} from './text.ts';
import type {SyntaxNode, SyntaxNodeRef, Tree} from './tree.ts';

/**
 * Checks the syntax. The parser continues after an error, so that an editor can show unfinished code. Here an error must not result in a different
 * schema, so this function rejects the errors that Python would reject and that it can see: an error node, an unterminated string, an invalid name,
 * or inconsistent indentation within a block.
 *
 * Inside functions, an error node can also be a gap in the parser's grammar (a bare `yield`), and the contents do not matter to a schema. Such a
 * node is accepted if all lines of the function are indented deeper than its `def`, so no code after it was skipped. It is not accepted if
 * `isStrict`, since functions are then read.
 *
 * Returns the classes inside functions.
 */
export function checkSyntax(file: PythonText, tree: Tree, isStrict: boolean): readonly SyntaxNode[] {
	const functions: SyntaxNode[] = [];
	const hiddenClasses: SyntaxNode[] = [];
	tree.iterate({
		enter(node) {
			if (node.type.isError) checkErrorNode(file, node, isStrict ? undefined : functions.at(-1));
			else if (node.name === 'FunctionDefinition') functions.push(node.node);
			else if (node.name === 'ClassDefinition' && functions.length > 0) hiddenClasses.push(node.node);
			else if (node.name === 'String') checkString(file, node);
			else if (node.name === 'VariableName' || node.name === 'PropertyName') checkName(file, node);
			else if (node.name === 'PrintStatement') throw unreadable(file, node.from, 'write print as a function: print(…)');
			else if ((node.name === 'Body' || node.name === 'Script') && (isStrict || functions.length === 0)) checkIndentation(file, node.node);
		},
		leave(node) {
			if (node.name === 'FunctionDefinition') functions.pop();
		},
	});
	return hiddenClasses;
}

function unreadable(file: PythonText, offset: number, hint: string) {
	return pythonError(file, offset, 'this is not Python that lite-migr can read', hint);
}

function checkErrorNode(file: PythonText, node: SyntaxNodeRef, surrounding: SyntaxNode | undefined): void {
	if (isDoubledComma(file, node)) return;
	if (surrounding !== undefined && firstLineOutside(file, surrounding) === undefined) return;
	const opening = unclosedBracket(node.node);
	if (opening !== undefined) throw unreadable(file, opening, 'close this bracket');
	throw unreadable(file, node.from, 'check for a missing bracket, quote or colon');
}

/** Returns the offset of the outermost bracket that is open at a node and never closed. */
function unclosedBracket(within: SyntaxNode): number | undefined {
	let opening: number | undefined;
	for (let node = within.parent; node !== null; node = node.parent) {
		const first = node.firstChild?.name ?? '';
		const closing = first === '(' ? ')' : first === '[' ? ']' : first === '{' ? '}' : undefined;
		if (closing !== undefined && node.lastChild?.name !== closing) opening = node.from;
	}
	return opening;
}

/** True for a doubled comma. The tool of pylite-orm 0.1.4 writes `{"primary_key": True,, "nullable": False,}` into its migrations. */
function isDoubledComma(file: PythonText, {node}: SyntaxNodeRef): boolean {
	if (node.parent?.name !== 'DictionaryExpression' || file.text.slice(node.from, node.to) !== ',') return false;
	return node.prevSibling?.name === ',' && node.nextSibling !== null && node.nextSibling.name !== ',' && !node.nextSibling.type.isError;
}

/** Returns the first line in the body of a function that is not indented deeper than its `def`, ignoring strings, blank lines and comments. */
function firstLineOutside(file: PythonText, definition: SyntaxNode): number | undefined {
	const first = positionAt(file, definition.from);
	const depth = indentation(file, definition.from)?.length ?? first.column - 1;
	const last = positionAt(file, definition.to).line;
	for (let {line} = first; line < last; line++) {
		const start = file.lineStarts[line] ?? file.text.length;
		const text = file.text.slice(start, file.lineStarts[line + 1] ?? file.text.length);
		const space = /^[ \t\f]*/.exec(text)?.[0] ?? '';
		if (start + space.length >= definition.to || /^\s*(?:#.*)?$/.test(text) || space.length > depth) continue;
		if (!isInString(definition, start)) return start;
	}

	return undefined;
}

function isInString(within: SyntaxNode, offset: number): boolean {
	for (let node: SyntaxNode | null = within.resolve(offset, 0); node !== null; node = node.parent) {
		if (/String/.test(node.name) && node.from < offset) return true;
	}
	return false;
}

function checkString(file: PythonText, {from, to}: SyntaxNodeRef): void {
	if (partsOfString(file.text.slice(from, to)) === undefined) throw unreadable(file, from, 'close this string');
}

function checkName(file: PythonText, {from, to}: SyntaxNodeRef): void {
	const name = file.text.slice(from, to);
	if (/^[A-Za-z_]\w*$/.test(name)) return;
	if (!/^[\p{XID_Start}_][\p{XID_Continue}]*$/u.test(name.normalize('NFKC'))) {
		throw unreadable(file, from, 'use only letters, digits and _ in a name');
	}
}

/** Returns the whitespace before an offset, or undefined if something else on the line comes before it. */
function indentation(file: PythonText, offset: number): string | undefined {
	const start = file.lineStarts[positionAt(file, offset).line - 1] ?? 0;
	let from = offset;
	while (from > start && /[ \t]/.test(file.text.charAt(from - 1))) from -= 1;
	// A form feed starts the line again (https://docs.python.org/3/reference/lexical_analysis.html#indentation).
	return from === start || file.text.charAt(from - 1) === '\f' ? file.text.slice(from, offset) : undefined;
}

/** Checks that every statement of a block that begins a line is indented like the first one. */
function checkIndentation(file: PythonText, block: SyntaxNode): void {
	let first = block.name === 'Script' ? '' : undefined;
	for (let node = block.firstChild; node !== null; node = node.nextSibling) {
		if (node.name === ':' || node.name === 'Comment') continue;
		const space = indentation(file, node.from);
		if (space === undefined) continue;
		first ??= space;
		if (space !== first) throw unreadable(file, node.from, 'indent this line like the other lines of its block');
	}
}
