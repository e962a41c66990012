import {place, placeArguments} from '../../../models/python/evaluate.ts';
import {pythonModule} from '../../../models/python/module.ts';
import {parsePython} from '../../../models/python/parse.ts';
import {placeFiles} from '../../../models/python/place.ts';
import {statementsReached} from '../../../models/python/reach.ts';
import type {Expression, FunctionStatement, PythonSyntax, Statement} from '../../../models/python/syntax.ts';
import {type PythonText, positionAt, pythonError, pythonText} from '../../../models/python/text.ts';
import type {Placed, PythonModule, Scope} from '../../../models/python/value.ts';
import type {Operation} from '../../../operations/operation.ts';
import {operationOf} from './operations.ts';

export interface PythonMigration {
	readonly upgrade: readonly Operation[];
	/** Absent if the file has no `downgrade`. pylite-orm does not write one. */
	readonly downgrade?: readonly Operation[] | undefined;
}

/**
 * Reads a migration of pylite-orm 0.1.4. Its operations are the calls on `op` with literals in `upgrade(op)` and, if it exists, `downgrade(op)`. The
 * file is parsed, never executed.
 *
 * @throws MigrError `migration`, with file and line, if these functions contain anything else
 */
export function readPythonMigration(path: string, text: string): PythonMigration {
	const file = pythonText(path, text, 'migration');
	const syntax = parsePython(file, true);
	const module = pythonModule(
		file,
		() => syntax,
		() => placeFiles<PythonModule>(new Map()),
	);
	checkTopLevel(file, syntax);
	const upgrade = functionNamed(file, syntax, 'upgrade');
	if (upgrade === undefined) throw pythonError(file, 0, 'the migration has no function upgrade', 'add: def upgrade(op): …');
	const downgrade = functionNamed(file, syntax, 'downgrade');
	return {upgrade: recorded(module, upgrade), downgrade: downgrade && recorded(module, downgrade)};
}

/** Rejects calls outside the two functions. pylite-orm runs them when it loads the file. */
function checkTopLevel(file: PythonText, {statements}: PythonSyntax): void {
	for (const {statement} of statementsReached(statements)) {
		if (statement.kind === 'expression' && statement.value.kind !== 'string' && statement.value.kind !== 'ellipsis') {
			throw pythonError(file, statement.from, 'this would run each time the migration is loaded', 'move it into upgrade(op), as calls on op');
		}
	}
}

function functionNamed(file: PythonText, {statements}: PythonSyntax, name: string): FunctionStatement | undefined {
	const found = [...statementsReached(statements)].filter(({statement}) => setsName(statement, name));
	const [first, second] = found;
	if (second !== undefined) {
		const {line} = positionAt(file, first?.statement.from ?? 0);
		throw pythonError(file, second.statement.from, `${name} is defined twice, first on line ${line}`, `keep one def ${name}(op) in the file`);
	}
	if (first === undefined) return undefined;
	const {statement, isConditional} = first;
	if (statement.kind !== 'function' || isConditional || statement.isAsync || statement.decorators.length > 0) {
		throw pythonError(
			file,
			statement.from,
			`${name} is not a plain function, so it cannot be read without running Python`,
			`write: def ${name}(op): …`,
		);
	}
	return statement;
}

function setsName(statement: Statement, name: string): boolean {
	switch (statement.kind) {
		case 'function':
		case 'class':
			return statement.name === name;
		case 'assign':
			return statement.targets.some((target) => target.kind === 'name' && target.name === name);
		case 'from':
			return statement.names.some(({as}) => as === name);
		case 'import':
			return statement.modules.some(({path, as}) => (as ?? path) === name);
		default:
			return false;
	}
}

/** Returns the operations that a function calls. */
function recorded(module: PythonModule, {name, parameters, body, from}: FunctionStatement): readonly Operation[] {
	const {file} = module;
	const [op, ...others] = parameters;
	if (op === undefined || others.length > 0) throw pythonError(file, from, `${name} takes one argument`, `write: def ${name}(op): …`);
	const local = new Map<string, Placed>([[op, {value: {kind: 'unknown', what: op}, file, from}]]);
	const scope: Scope = {module, local, until: Number.POSITIVE_INFINITY};
	const operations: Operation[] = [];
	const statements = body();
	for (const [index, statement] of statements.entries()) {
		if (statement.kind === 'assign') assign(scope, local, op, statement);
		else if (statement.kind === 'expression') operations.push(...called(scope, op, statement.value));
		else if (!isIdle(statement, index === statements.length - 1)) throw refused(file, statement, op);
	}
	return operations;
}

function isIdle(statement: Statement, isLast: boolean): boolean {
	if (statement.kind === 'pass' || statement.kind === 'import' || statement.kind === 'from') return true;
	return statement.kind === 'flow' && isLast && statement.word === 'return' && !statement.hasValue;
}

function assign({module, ...rest}: Scope, local: Map<string, Placed>, op: string, statement: Extract<Statement, {readonly kind: 'assign'}>): void {
	const {targets, value} = statement;
	if (value === undefined) return;
	for (const target of targets) {
		if (target.kind !== 'name' || target.name === op) throw refused(module.file, statement, op);
		local.set(target.name, place(value, {module, ...rest}));
	}
}

function called(scope: Scope, op: string, value: Expression): readonly Operation[] {
	const {file} = scope.module;
	if (value.kind === 'string' || value.kind === 'ellipsis') return [];
	if (value.kind !== 'call' || value.callee.kind !== 'member' || value.callee.object.kind !== 'name' || value.callee.object.name !== op) {
		throw refused(file, {kind: 'expression', value, from: value.from}, op);
	}
	const operation = operationOf(file, value.from, op, value.callee.name, placeArguments(value.arguments, scope));
	return [{...operation, origin: {file: file.path, line: positionAt(file, value.from).line}}];
}

const words: Readonly<Partial<Record<Statement['kind'], string>>> = {
	function: 'a function',
	class: 'a class',
	update: 'an augmented assignment',
	delete: 'a deletion',
	typeAlias: 'a type alias',
	assign: 'an assignment to an attribute or an element',
};

function refused(file: PythonText, statement: Statement, op: string) {
	const what =
		statement.kind === 'block' || statement.kind === 'flow'
			? `this ${statement.word}`
			: (words[statement.kind] ?? `code that is not a call on ${op}`);
	return pythonError(
		file,
		statement.from,
		`${what} in a migration cannot be followed without running Python`,
		`write plain calls, one after the other: ${op}.execute('UPDATE …'), ${op}.create_table(…)`,
	);
}
