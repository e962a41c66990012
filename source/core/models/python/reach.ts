import type {BlockStatement, Expression, Statement} from './syntax.ts';

/** A statement that is executed when its module is, or may be. */
export interface Reached {
	readonly statement: Statement;
	readonly isConditional: boolean;
}

/** The statements of a body, and those of the blocks in it that are not left out for sure, in order. */
export function* statementsReached(statements: readonly Statement[], isConditional = false): Generator<Reached> {
	for (const statement of statements) {
		yield {statement, isConditional};
		if (statement.kind === 'block') yield* inBlock(statement, isConditional);
	}
}

function* inBlock(block: BlockStatement, isConditional: boolean): Generator<Reached> {
	let isOpen = true;
	for (const {test, body} of block.branches) {
		const truth = block.word === 'if' ? (test === undefined ? true : truthOf(test)) : undefined;
		if (truth === false) continue;
		yield* statementsReached(body, isConditional || truth === undefined || !isOpen);
		if (truth === true) return;
		isOpen = false;
	}
}

/** Whether a test holds when the models are loaded: type checkers' own branches do not, nor does that of a script. */
function truthOf(test: Expression): boolean | undefined {
	switch (test.kind) {
		case 'boolean':
			return test.value;
		case 'name':
		case 'member':
			return test.name === 'TYPE_CHECKING' ? false : undefined;
		case 'unary': {
			const truth = test.operator === 'not' ? truthOf(test.operand) : undefined;
			return truth === undefined ? undefined : !truth;
		}
		case 'binary':
			return test.operator === '==' && test.left.kind === 'name' && test.left.name === '__name__' ? false : undefined;
		default:
			return undefined;
	}
}
