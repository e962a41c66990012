import {partsOfString} from './literals.ts';
import {type PythonText, positionAt, pythonError} from './text.ts';
import type {SyntaxNode, SyntaxNodeRef, Tree} from './tree.ts';

/**
 * The parser reads on behind a fault, so that an editor can show half-written code. Here a fault must not turn into another schema, so this
 * refuses what Python refuses, as far as it can be seen: an error node, a string without an end, a name that is none, lines that are not
 * indented alike within one block.
 *
 * Inside functions an error node may also be a gap of the parser's grammar (a bare `yield`), and nothing there matters to a schema: it is
 * let pass as long as the function's lines all stand to the right of its `def`, so that nothing behind it was swallowed. Where functions are
 * read (`isStrict`), it is not.
 *
 * Returns the classes that stand inside of functions.
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
			else if (node.name === 'PrintStatement') throw unreadable(file, node.from, 'print is a function: print(…)');
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
	if (opening !== undefined) throw unreadable(file, opening, 'this bracket is not closed');
	throw unreadable(file, node.from, 'see whether a bracket, a quote or a colon is missing');
}

/** Where the outermost bracket begins that is open at a node and is never closed. */
function unclosedBracket(within: SyntaxNode): number | undefined {
	let opening: number | undefined;
	for (let node = within.parent; node !== null; node = node.parent) {
		const first = node.firstChild?.name ?? '';
		const closing = first === '(' ? ')' : first === '[' ? ']' : first === '{' ? '}' : undefined;
		if (closing !== undefined && node.lastChild?.name !== closing) opening = node.from;
	}
	return opening;
}

/** The tool of pylite-orm 0.1.4 writes `{"primary_key": True,, "nullable": False,}` into its migrations. */
function isDoubledComma(file: PythonText, {node}: SyntaxNodeRef): boolean {
	if (node.parent?.name !== 'DictionaryExpression' || file.text.slice(node.from, node.to) !== ',') return false;
	return node.prevSibling?.name === ',' && node.nextSibling !== null && node.nextSibling.name !== ',' && !node.nextSibling.type.isError;
}

/** The first line of a function, after its first, that is not indented deeper than its `def`; lines of strings, blank lines and comments aside. */
function firstLineOutside(file: PythonText, definition: SyntaxNode): number | undefined {
	const depth = indentation(file, definition.from).length;
	const last = positionAt(file, definition.to).line;
	for (let line = positionAt(file, definition.from).line; line < last; line++) {
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
	if (partsOfString(file.text.slice(from, to)) === undefined) throw unreadable(file, from, 'this string has no end');
}

function checkName(file: PythonText, {from, to}: SyntaxNodeRef): void {
	const name = file.text.slice(from, to);
	if (/^[A-Za-z_]\w*$/.test(name)) return;
	if (!/^[\p{XID_Start}_][\p{XID_Continue}]*$/u.test(name.normalize('NFKC'))) {
		throw unreadable(file, from, 'a name holds letters, digits and _ only');
	}
}

/** The white space before an offset on its line; with whatever else stands before it. */
function indentation(file: PythonText, offset: number): string {
	const start = file.lineStarts[positionAt(file, offset).line - 1] ?? 0;
	return file.text.slice(start, offset).replace(/^.*\f/, '');
}

/** Every statement of a block that begins a line must begin it like the first one does. */
function checkIndentation(file: PythonText, block: SyntaxNode): void {
	let first = block.name === 'Script' ? '' : undefined;
	for (let node = block.firstChild; node !== null; node = node.nextSibling) {
		if (node.name === ':' || node.name === 'Comment') continue;
		const space = indentation(file, node.from);
		if (space.trim() !== '') continue;
		first ??= space;
		if (space !== first) throw unreadable(file, node.from, 'this line is indented otherwise than those of its block');
	}
}
