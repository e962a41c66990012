import type {Token} from './lexer.ts';

/** An expression over one row: a CHECK, a generated column, an index column or its WHERE. `start` and `end` are offsets in its text. */
export type Expression = {readonly start: number; readonly end: number} & ExpressionKind;

type ExpressionKind =
	/** A literal, or a name in double quotes that may be a string. */
	| {readonly kind: 'value'; readonly token: Token}
	| {readonly kind: 'column'; readonly name: string; readonly isQuoted: boolean}
	/** An expression in parentheses. */
	| {readonly kind: 'group'; readonly of: Expression}
	| {readonly kind: 'vector'; readonly parts: readonly Expression[]}
	| {readonly kind: 'collate'; readonly of: Expression; readonly collation: string}
	| {readonly kind: 'cast'; readonly of: Expression; readonly type: string}
	/** `+x`, which removes the affinity of `x` and keeps its collation. */
	| {readonly kind: 'plus'; readonly of: Expression}
	| {readonly kind: 'comparison'; readonly operator: string; readonly left: Expression; readonly right: Expression}
	| {readonly kind: 'between'; readonly isNot: boolean; readonly value: Expression; readonly low: Expression; readonly high: Expression}
	| {readonly kind: 'in'; readonly isNot: boolean; readonly value: Expression; readonly list: readonly Expression[]}
	| {readonly kind: 'case'; readonly base: Expression | undefined; readonly branches: readonly Branch[]; readonly otherwise: Expression | undefined}
	| {readonly kind: 'call'; readonly name: string; readonly parts: readonly Expression[]}
	/** Any other operator. It compares nothing. */
	| {readonly kind: 'operator'; readonly parts: readonly Expression[]};

/** WHEN and THEN of a CASE. */
export interface Branch {
	readonly when: Expression;
	readonly result: Expression;
}

/** Returns the parts of an expression in the order of the text. */
export function partsOf(expression: Expression): readonly Expression[] {
	switch (expression.kind) {
		case 'value':
		case 'column':
			return [];
		case 'group':
		case 'collate':
		case 'cast':
		case 'plus':
			return [expression.of];
		case 'comparison':
			return [expression.left, expression.right];
		case 'between':
			return [expression.value, expression.low, expression.high];
		case 'in':
			return [expression.value, ...expression.list];
		case 'case':
			return [expression.base, ...expression.branches.flatMap(({when, result}) => [when, result]), expression.otherwise].filter(
				(part) => part !== undefined,
			);
		default:
			return expression.parts;
	}
}

/** True for a function that SQLite replaces with its argument. */
export function isRemoved(name: string): boolean {
	return /^((un)?likely|likelihood)$/.test(name);
}
