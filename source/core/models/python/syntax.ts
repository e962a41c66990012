/** The part of Python's syntax that models and migrations are read from. `from` is an offset into the file's text. */
interface Node {
	readonly from: number;
}

export type Expression =
	| (Node & {readonly kind: 'name'; readonly name: string})
	| (Node & {readonly kind: 'member'; readonly object: Expression; readonly name: string})
	| (Node & {readonly kind: 'subscript'; readonly object: Expression; readonly index: readonly ListElement[]})
	| (Node & {readonly kind: 'call'; readonly callee: Expression; readonly arguments: readonly Argument[]})
	| (Node & {readonly kind: 'none' | 'ellipsis'})
	| (Node & {readonly kind: 'boolean'; readonly value: boolean})
	| (Node & {readonly kind: 'integer'; readonly value: bigint})
	| (Node & {readonly kind: 'float'; readonly value: number})
	| (Node & {readonly kind: 'string'; readonly value: string})
	| (Node & {readonly kind: 'bytes'; readonly value: Uint8Array})
	| (Node & {readonly kind: 'list' | 'tuple' | 'set'; readonly items: readonly ListElement[]})
	| (Node & {readonly kind: 'dict'; readonly entries: readonly DictEntry[]})
	| (Node & {readonly kind: 'unary'; readonly operator: string; readonly operand: Expression})
	| (Node & {readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression})
	/** An expression whose value only Python knows. `what` describes it, with an article. `isInert` is true if it cannot be a DbField. */
	| (Node & {readonly kind: 'other'; readonly what: string; readonly isInert: boolean});

/** An element of a list, a tuple, a set or a subscript. */
export interface ListElement {
	/** `*items`. */
	readonly isSpread: boolean;
	readonly value: Expression;
}

export interface DictEntry {
	/** Absent for `**entries`. */
	readonly key?: Expression;
	readonly value: Expression;
}

export interface Argument {
	readonly from: number;
	readonly name?: string;
	readonly spread?: '*' | '**';
	readonly value: Expression;
}

export type Statement =
	| Assignment
	| ClassStatement
	| FunctionStatement
	| ImportStatement
	| FromImportStatement
	| BlockStatement
	| (Node & {readonly kind: 'expression'; readonly value: Expression})
	| (Node & {readonly kind: 'update'; readonly target: Expression; readonly operator: string})
	| (Node & {readonly kind: 'delete'; readonly targets: readonly Expression[]})
	| (Node & {readonly kind: 'typeAlias'; readonly name: string})
	| (Node & {readonly kind: 'pass'})
	/** return, raise, assert, break, continue, global, nonlocal. */
	| (Node & {readonly kind: 'flow'; readonly word: string; readonly hasValue: boolean});

export interface Assignment extends Node {
	readonly kind: 'assign';
	/** More than one in `a = b = value`. */
	readonly targets: readonly Expression[];
	readonly annotation?: Expression | undefined;
	/** Absent in `name: type`. */
	readonly value?: Expression | undefined;
	/** The old name, declared in a comment on the same line or above: `# @renamed from=old`. */
	readonly renamed?: string | undefined;
}

export interface ClassStatement extends Node {
	readonly kind: 'class';
	readonly name: string;
	readonly arguments: readonly Argument[];
	readonly decorators: readonly Expression[];
	readonly body: readonly Statement[];
	readonly renamed?: string | undefined;
}

export interface FunctionStatement extends Node {
	readonly kind: 'function';
	readonly name: string;
	readonly isAsync: boolean;
	/** Positional parameters, by name. */
	readonly parameters: readonly string[];
	readonly decorators: readonly Expression[];
	/** Read on demand: most functions do not matter. */
	readonly body: () => readonly Statement[];
}

export interface ImportStatement extends Node {
	readonly kind: 'import';
	readonly modules: readonly {readonly path: string; readonly as?: string | undefined}[];
}

export interface FromImportStatement extends Node {
	readonly kind: 'from';
	/** The number of dots at the beginning. */
	readonly level: number;
	readonly path: string;
	/** Empty for `import *`. */
	readonly names: readonly {readonly name: string; readonly as: string}[];
	readonly isStar: boolean;
}

export interface BlockStatement extends Node {
	readonly kind: 'block';
	/** The first word: if, for, while, with, try, match. */
	readonly word: string;
	readonly branches: readonly Branch[];
	/** Names that its head sets: `for name in`, `with … as name`, `except … as name`. */
	readonly names: readonly string[];
}

export interface Branch {
	/** The test after `if` or `elif`. Absent in other branches. */
	readonly test?: Expression | undefined;
	readonly body: readonly Statement[];
}

/** A class inside a function, which exists only once that function is called. */
export interface HiddenClass extends Node {
	readonly name: string;
	readonly arguments: readonly Argument[];
}

export interface PythonSyntax {
	readonly statements: readonly Statement[];
	readonly hiddenClasses: readonly HiddenClass[];
}
