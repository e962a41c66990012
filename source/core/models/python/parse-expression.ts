import {readNumber, readString} from './literals.ts';
import type {Argument, DictEntry, Expression, ListElement} from './syntax.ts';
import type {PythonText} from './text.ts';
import type {SyntaxNode} from './tree.ts';

/** The maximum nesting of expressions. Deeper nesting does not occur in models and would overflow the stack. */
const maxDepth = 100;

/** Descriptions of expressions that are not evaluated. An expression that may return a DbField is not inert. */
const others: Readonly<Record<string, {readonly what: string; readonly isInert: boolean}>> = {
	FormatString: {what: 'an f-string', isInert: true},
	LambdaExpression: {what: 'a lambda', isInert: true},
	ArrayComprehensionExpression: {what: 'a comprehension', isInert: true},
	SetComprehensionExpression: {what: 'a comprehension', isInert: true},
	DictionaryComprehensionExpression: {what: 'a comprehension', isInert: true},
	ComprehensionExpression: {what: 'a generator', isInert: true},
	ConditionalExpression: {what: 'a conditional expression', isInert: false},
	AwaitExpression: {what: 'an await', isInert: false},
	YieldExpression: {what: 'a yield', isInert: false},
	NamedExpression: {what: 'an assignment inside an expression', isInert: false},
};

/** Returns the tree of an expression. */
export function expressionOf(file: PythonText, node: SyntaxNode, depth = 0): Expression {
	const {from} = node;
	if (depth > maxDepth) return {kind: 'other', what: 'an expression that is nested too deeply', isInert: false, from};
	const text = () => file.text.slice(node.from, node.to);
	switch (node.name) {
		case 'VariableName':
			return {kind: 'name', name: normal(text()), from};
		case 'None':
			return {kind: 'none', from};
		case 'Ellipsis':
			return {kind: 'ellipsis', from};
		case 'Boolean':
			return {kind: 'boolean', value: text() === 'True', from};
		case 'Number':
			return numberOf(text(), from);
		case 'String':
			return stringOf(file, [node], from);
		case 'ContinuedString':
			return stringOf(file, childrenOf(node), from);
		case 'ParenthesizedExpression': {
			const inner = expressionsBelow(file, node, depth + 1)[0];
			return inner ?? {kind: 'other', what: 'an expression in parentheses', isInert: false, from};
		}
		case 'TupleExpression':
			return {kind: 'tuple', items: itemsOf(file, node, depth + 1), from};
		case 'ArrayExpression':
			return {kind: 'list', items: itemsOf(file, node, depth + 1), from};
		case 'SetExpression':
			return {kind: 'set', items: itemsOf(file, node, depth + 1), from};
		case 'DictionaryExpression':
			return {kind: 'dict', entries: entriesOf(file, node, depth + 1), from};
		case 'MemberExpression':
			return memberOf(file, node, depth + 1);
		case 'CallExpression':
			return callOf(file, node, depth + 1);
		case 'UnaryExpression': {
			const [operand] = expressionsBelow(file, node, depth + 1);
			return operand === undefined
				? unreadable(node)
				: {kind: 'unary', operator: node.firstChild === null ? '' : sliceOf(file, node.firstChild), operand, from};
		}
		case 'BinaryExpression':
			return binaryOf(file, node, depth + 1);
		default:
			return unreadable(node);
	}
}

function unreadable({name, from}: SyntaxNode): Expression {
	const known = others[name];
	return known === undefined ? {kind: 'other', what: 'an expression', isInert: false, from} : {kind: 'other', ...known, from};
}

/** Returns a name in NFKC form, as Python reads it: https://docs.python.org/3/reference/lexical_analysis.html#identifiers */
export function normal(name: string): string {
	return /^\w*$/.test(name) ? name : name.normalize('NFKC');
}

function sliceOf(file: PythonText, {from, to}: SyntaxNode): string {
	return file.text.slice(from, to);
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
	const children: SyntaxNode[] = [];
	for (let child = node.firstChild; child !== null; child = child.nextSibling) if (child.name !== 'Comment') children.push(child);
	return children;
}

/** Caches by name whether a kind of node is a token of the syntax and not an expression. */
const tokens = new Map<string, boolean>();

function isToken({name, type}: SyntaxNode): boolean {
	let known = tokens.get(name);
	if (known === undefined) {
		known = type.isError || /^\W+$|^(?:\w+Op|[a-z]+|PropertyName|Comment|TypeDef)$/.test(name);
		tokens.set(name, known);
	}
	return known;
}

/** Returns the expressions directly below a node. */
export function expressionsBelow(file: PythonText, node: SyntaxNode, depth = 0): Expression[] {
	return childrenOf(node)
		.filter((child) => !isToken(child))
		.map((child) => expressionOf(file, child, depth));
}

function itemsOf(file: PythonText, node: SyntaxNode, depth: number): ListElement[] {
	return childrenOf(node)
		.filter((child) => !isToken(child))
		.map((child) => ({isSpread: child.prevSibling?.name === '*', value: expressionOf(file, child, depth)}));
}

function entriesOf(file: PythonText, node: SyntaxNode, depth: number): DictEntry[] {
	const entries: DictEntry[] = [];
	let key: Expression | undefined;
	for (const child of childrenOf(node).filter((candidate) => !isToken(candidate))) {
		const expression = expressionOf(file, child, depth);
		if (child.prevSibling?.name === '**') entries.push({value: expression});
		else if (child.prevSibling?.name === ':' && key !== undefined) {
			entries.push({key, value: expression});
			key = undefined;
		} else key = expression;
	}
	return entries;
}

function memberOf(file: PythonText, node: SyntaxNode, depth: number): Expression {
	const {from} = node;
	const object = node.firstChild === null ? unreadable(node) : expressionOf(file, node.firstChild, depth);
	const property = node.getChild('PropertyName');
	if (property !== null) return {kind: 'member', object, name: normal(sliceOf(file, property)), from};
	const [, ...rest] = childrenOf(node);
	if (rest.some(({name}) => name === ':')) return {kind: 'other', what: 'a slice', isInert: false, from};
	const index = rest
		.filter((child) => !isToken(child))
		.map((child) => ({isSpread: child.prevSibling?.name === '*', value: expressionOf(file, child, depth)}));
	return {kind: 'subscript', object, index, from};
}

function callOf(file: PythonText, node: SyntaxNode, depth: number): Expression {
	const list = node.getChild('ArgList');
	const callee = node.firstChild === null ? unreadable(node) : expressionOf(file, node.firstChild, depth);
	return {kind: 'call', callee, arguments: list === null ? [] : argumentsOf(file, list, depth), from: node.from};
}

/** Returns the arguments of a call or of a class statement. */
export function argumentsOf(file: PythonText, list: SyntaxNode, depth: number): Argument[] {
	const found: Argument[] = [];
	const children = childrenOf(list);
	for (const [index, child] of children.entries()) {
		if (isToken(child)) continue;
		const before = children[index - 1]?.name;
		if (children[index + 1]?.name === 'AssignOp') continue;
		const value = expressionOf(file, child, depth + 1);
		if (before === '*' || before === '**') found.push({spread: before, value, from: child.from});
		else if (before === 'AssignOp' && children[index - 2] !== undefined) {
			const name = children[index - 2];
			found.push({name: name === undefined ? '' : normal(sliceOf(file, name)), value, from: name?.from ?? child.from});
		} else if (before === 'for' || before === 'in' || before === 'if')
			return [{value: {kind: 'other', what: 'a generator', isInert: true, from: list.from}, from: list.from}];
		else found.push({value, from: child.from});
	}
	return found;
}

function numberOf(text: string, from: number): Expression {
	const number = readNumber(text);
	if ('problem' in number) return {kind: 'other', what: number.problem, isInert: true, from};
	return 'integer' in number ? {kind: 'integer', value: number.integer, from} : {kind: 'float', value: number.float, from};
}

/** Joins adjacent string literals into one string. */
function stringOf(file: PythonText, nodes: readonly SyntaxNode[], from: number): Expression {
	let text = '';
	let bytes: number[] | undefined;
	for (const [index, node] of nodes.entries()) {
		if (node.name === 'FormatString') return unreadable(node);
		const part = readString(sliceOf(file, node));
		if ('problem' in part) return {kind: 'other', what: part.problem, isInert: true, from: node.from};
		if ('bytes' in part && (index === 0 || bytes !== undefined)) bytes = [...(bytes ?? []), ...part.bytes];
		else if ('string' in part && bytes === undefined) text += part.string;
		else return {kind: 'other', what: 'a mix of strings and bytes', isInert: true, from};
	}
	return bytes === undefined ? {kind: 'string', value: text, from} : {kind: 'bytes', value: Uint8Array.from(bytes), from};
}

function binaryOf(file: PythonText, node: SyntaxNode, depth: number): Expression {
	const {from} = node;
	const [left, right] = expressionsBelow(file, node, depth);
	const operator = childrenOf(node)
		.slice(1, -1)
		.map((child) => sliceOf(file, child))
		.join(' ');
	return left === undefined || right === undefined ? unreadable(node) : {kind: 'binary', operator, left, right, from};
}
