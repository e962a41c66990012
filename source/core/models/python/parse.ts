import {parser} from '@lezer/python';
import {checkSyntax} from './check.ts';
import {inOlderSyntax} from './newer-syntax.ts';
import {argumentsOf, expressionOf, expressionsBelow, normal} from './parse-expression.ts';
import type {Branch, ClassStatement, Expression, FunctionStatement, HiddenClass, PythonSyntax, Statement} from './syntax.ts';
import {type PythonText, positionAt, pythonError} from './text.ts';
import type {SyntaxNode} from './tree.ts';

/**
 * Reads Python as a syntax tree. Nothing is executed.
 *
 * @throws MigrError with file, line and column if the text is not Python. Errors inside functions are only reported if `isStrict`.
 */
export function parsePython(file: PythonText, isStrict = false): PythonSyntax {
	const tree = parser.parse(inOlderSyntax(file.text));
	const hidden = checkSyntax(file, tree, isStrict);
	const context: Context = {file, renames: renamesIn(file)};
	return {statements: statementsOf(context, tree.topNode, 0), hiddenClasses: hidden.flatMap((node) => hiddenClass(file, node))};
}

interface Context {
	readonly file: PythonText;
	/** Rename annotations in comments, by line, and whether the comment is alone on its line. */
	readonly renames: ReadonlyMap<number, {readonly name: string; readonly isAlone: boolean}>;
}

/** The same annotation as in SQL models: `# @renamed from=old`, with the name in quotes if it needs them. */
const renameComment = /^(.*?)#.*?@renamed?\s+from\s*=\s*(?:"([^"]+)"|`([^`]+)`|\[([^\]]+)\]|'([^']+)'|([^\s,;*"'`[\]()]+))/;

function renamesIn({text}: PythonText): Context['renames'] {
	const renames = new Map<number, {name: string; isAlone: boolean}>();
	if (!text.includes('@rename')) return renames;
	for (const [index, line] of text.split('\n').entries()) {
		const found = renameComment.exec(line);
		if (found === null) continue;
		const [, before, ...names] = found;
		renames.set(index + 1, {name: names.find((name) => name !== undefined) ?? '', isAlone: before?.trim() === ''});
	}
	return renames;
}

/** Returns the rename annotation on the first or last line of a node, or alone on the line above. */
function renameNear({file, renames}: Context, from: number, to: number): string | undefined {
	if (renames.size === 0) return undefined;
	const first = positionAt(file, from).line;
	const above = renames.get(first - 1);
	const found = renames.get(first) ?? renames.get(positionAt(file, to).line) ?? (above?.isAlone === true ? above : undefined);
	return found?.name;
}

/** The maximum nesting of blocks. Deeper nesting does not occur in models and would overflow the stack. */
const maxDepth = 100;

function statementsOf(context: Context, block: SyntaxNode, depth: number): Statement[] {
	if (depth > maxDepth) throw pythonError(context.file, block.from, 'blocks are nested too deeply here', 'move models to the top level of the file');
	const statements: Statement[] = [];
	for (let node = block.firstChild; node !== null; node = node.nextSibling) {
		if (node.name === 'StatementGroup') statements.push(...statementsOf(context, node, depth));
		else if (/Statement$|Definition$/.test(node.name)) statements.push(statementOf(context, node, depth));
	}
	return statements;
}

function statementOf(context: Context, node: SyntaxNode, depth: number): Statement {
	const {from} = node;
	const {file} = context;
	switch (node.name) {
		case 'AssignStatement':
			return assignment(context, node);
		case 'DecoratedStatement':
		case 'ClassDefinition':
		case 'FunctionDefinition':
			return definition(context, node, depth);
		case 'ImportStatement':
			return importStatement(file, node);
		case 'ExpressionStatement': {
			const [value] = expressionsBelow(file, node);
			return value === undefined ? {kind: 'pass', from} : {kind: 'expression', value, from};
		}
		case 'UpdateStatement': {
			const [target] = expressionsBelow(file, node);
			const operator = node.getChild('UpdateOp');
			return {kind: 'update', target: target ?? {kind: 'ellipsis', from}, operator: operator === null ? '' : nodeText(file, operator), from};
		}
		case 'DeleteStatement':
			return {kind: 'delete', targets: expressionsBelow(file, node), from};
		case 'TypeDefinition':
			return {kind: 'typeAlias', name: nodeName(file, node.getChild('VariableName')), from};
		case 'PassStatement':
			return {kind: 'pass', from};
		case 'IfStatement':
		case 'ForStatement':
		case 'WhileStatement':
		case 'WithStatement':
		case 'TryStatement':
		case 'MatchStatement':
			return blockStatement(context, node, depth);
		default:
			return {kind: 'flow', word: node.firstChild?.name ?? node.name, hasValue: node.firstChild?.nextSibling != null, from};
	}
}

function nodeText(file: PythonText, {from, to}: SyntaxNode): string {
	return file.text.slice(from, to);
}

function nodeName(file: PythonText, node: SyntaxNode | null): string {
	return node === null ? '' : normal(nodeText(file, node));
}

function assignment(context: Context, node: SyntaxNode): Statement {
	const {file} = context;
	const {from, to} = node;
	const parts: SyntaxNode[][] = [[]];
	let type: SyntaxNode | undefined;
	for (let child = node.firstChild; child !== null; child = child.nextSibling) {
		if (child.name === 'AssignOp') parts.push([]);
		else if (child.name === 'TypeDef') type = child;
		else parts.at(-1)?.push(child);
	}

	const values = parts.map((part) => listOrTuple(file, part, from));
	const value = values.length > 1 ? values.pop() : undefined;
	const [annotation] = type === undefined ? [] : expressionsBelow(file, type);
	return {
		kind: 'assign',
		targets: values,
		annotation,
		value,
		renamed: renameNear(context, from, to),
		from,
	};
}

/** Returns one expression, or a tuple for several expressions without brackets. */
function listOrTuple(file: PythonText, nodes: readonly SyntaxNode[], from: number): Expression {
	const [only] = nodes;
	if (nodes.length === 1 && only !== undefined) return expressionOf(file, only);
	const items: {isSpread: boolean; value: Expression}[] = [];
	let isSpread = false;
	for (const node of nodes) {
		if (node.name === '*') isSpread = true;
		else if (node.name !== ',' && node.name !== 'Comment') {
			items.push({isSpread, value: expressionOf(file, node)});
			isSpread = false;
		}
	}
	return {kind: 'tuple', items, from: only?.from ?? from};
}

function definition(context: Context, node: SyntaxNode, depth: number): Statement {
	const {file} = context;
	const decorators: Expression[] = [];
	let defined = node;
	if (node.name === 'DecoratedStatement') {
		for (const decorator of node.getChildren('Decorator')) decorators.push(decoratorOf(file, decorator));
		defined = node.getChild('ClassDefinition') ?? node.getChild('FunctionDefinition') ?? node;
	}

	return defined.name === 'ClassDefinition' ? classStatement(context, defined, decorators, depth) : functionStatement(context, defined, decorators);
}

function decoratorOf(file: PythonText, node: SyntaxNode): Expression {
	const [first, ...members] = node.getChildren('VariableName').concat(node.getChildren('PropertyName'));
	const {from} = node;
	let callee: Expression = {kind: 'name', name: nodeName(file, first ?? null), from};
	for (const member of members) callee = {kind: 'member', object: callee, name: nodeName(file, member), from};
	return callee;
}

function classStatement(context: Context, node: SyntaxNode, decorators: readonly Expression[], depth: number): ClassStatement {
	const {file} = context;
	const body = node.getChild('Body');
	const list = node.getChild('ArgList');
	return {
		kind: 'class',
		name: nodeName(file, node.getChild('VariableName')),
		arguments: list === null ? [] : argumentsOf(file, list, 0),
		decorators,
		body: body === null ? [] : statementsOf(context, body, depth + 1),
		renamed: renameNear(context, node.from, (body ?? node).from),
		from: node.from,
	};
}

function functionStatement(context: Context, node: SyntaxNode, decorators: readonly Expression[]): FunctionStatement {
	const {file} = context;
	const body = node.getChild('Body');
	const parameters: string[] = [];
	for (let child = node.getChild('ParamList')?.firstChild ?? null; child !== null && !/^\*/.test(child.name); child = child.nextSibling) {
		if (child.name === 'VariableName' && child.prevSibling?.name !== 'AssignOp') parameters.push(nodeName(file, child));
	}

	return {
		kind: 'function',
		name: nodeName(file, node.getChild('VariableName')),
		isAsync: node.firstChild?.name === 'async',
		parameters,
		decorators,
		body: () => (body === null ? [] : statementsOf(context, body, 1)),
		from: node.from,
	};
}

function importStatement(file: PythonText, node: SyntaxNode): Statement {
	const {from} = node;
	let level = 0;
	let path = '';
	let isStar = false;
	let isAlias = false;
	/** True after the `import` of `from … import`. */
	let isNames = false;
	const isFrom = node.firstChild?.name === 'from';
	const found: {name: string; as?: string}[] = [];
	for (let child = node.firstChild; child !== null; child = child.nextSibling) {
		if (child.name === 'import') isNames = isFrom;
		else if (child.name === 'as') isAlias = true;
		else if (child.name === '*') isStar = true;
		else if (child.name === 'Ellipsis') level += 3;
		else if (child.name === '.' && isFrom && !isNames && path === '') level += 1;
		else if (child.name === '.') path += '.';
		else if (child.name === ',' && !isFrom) path = '';
		if (child.name !== 'VariableName') continue;
		const name = nodeName(file, child);
		const last = found.at(-1);
		if (isAlias && last !== undefined) last.as = name;
		else if (isNames) found.push({name});
		else {
			const continues = path.endsWith('.');
			path += name;
			if (continues && last !== undefined) last.name = path;
			else if (!isFrom) found.push({name: path});
		}
		isAlias = false;
	}

	if (!isFrom) return {kind: 'import', modules: found.map(({name, as}) => ({path: name, as})), from};
	return {kind: 'from', level, path, names: found.map(({name, as = name}) => ({name, as})), isStar, from};
}

function blockStatement(context: Context, node: SyntaxNode, depth: number): Statement {
	const {file} = context;
	const branches: Branch[] = [];
	const names: string[] = [];
	let test: Expression | undefined;
	let bindsNames = false;
	for (let child = node.firstChild; child !== null; child = child.nextSibling) {
		if (child.name === 'Body' || child.name === 'MatchBody') {
			const clauses = child.name === 'Body' ? [child] : child.getChildren('MatchClause').flatMap((clause) => clause.getChildren('Body'));
			for (const body of clauses) branches.push({body: statementsOf(context, body, depth + 1), test});
			test = undefined;
		} else if (child.prevSibling?.name === 'if' || child.prevSibling?.name === 'elif') {
			test = expressionOf(file, child);
		}

		if (child.name === 'for' || child.name === 'as') bindsNames = true;
		else if (child.name === 'in' || child.name === 'Body' || (child.name === ',' && node.name !== 'ForStatement')) bindsNames = false;
		else if (bindsNames) for (const name of namesUnder(child)) names.push(nodeName(file, name));
	}

	return {kind: 'block', word: node.firstChild?.name ?? 'if', branches, names, from: node.from};
}

function namesUnder(node: SyntaxNode): SyntaxNode[] {
	return node.name === 'VariableName' ? [node] : node.getChildren('VariableName');
}

function hiddenClass(file: PythonText, node: SyntaxNode): HiddenClass[] {
	const list = node.getChild('ArgList');
	return list === null ? [] : [{name: nodeName(file, node.getChild('VariableName')), arguments: argumentsOf(file, list, 0), from: node.from}];
}
