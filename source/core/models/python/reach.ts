import type {BlockStatement, Expression, Statement} from './syntax.ts';

/** A statement that runs, or may run, when its module is imported. */
export interface Reached {
	readonly statement: Statement;
	readonly isConditional: boolean;
}

/** Returns the statements of a body and of its blocks, in order. Omits branches that are known not to run. */
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

/** Returns the result of a test when the models are imported. It is false for `TYPE_CHECKING` and for the main branch of a script. */
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
