import {place, placeArguments} from '../../../models/python/evaluate.ts';
import {pythonModule} from '../../../models/python/module.ts';
import {parsePython} from '../../../models/python/parse.ts';
import {arrange} from '../../../models/python/place.ts';
import {statementsReached} from '../../../models/python/reach.ts';
import type {Expression, FunctionStatement, PythonSyntax, Statement} from '../../../models/python/syntax.ts';
import {type PythonText, positionAt, pythonError, pythonText} from '../../../models/python/text.ts';
import type {Placed, PythonModule, Scope} from '../../../models/python/value.ts';
import type {Operation} from '../../../operations/operation.ts';
import {operationOf} from './operations.ts';

export interface PythonMigration {
	readonly upgrade: readonly Operation[];
	/** Absent where the file has no `downgrade`, as pylite-orm writes them. */
	readonly downgrade?: readonly Operation[];
}

/**
 * The operations of a migration of pylite-orm 0.1.4: what its `upgrade(op)`, and its `downgrade(op)` where there is one, call on `op` with
 * literals. It is read as a syntax tree and never executed.
 *
 * @throws MigrError `migration`, with file and line, for everything else that these functions hold
 */
export function readPythonMigration(path: string, text: string): PythonMigration {
	const file = pythonText(path, text, 'migration');
	const syntax = parsePython(file, true);
	const module = pythonModule(
		file,
		() => syntax,
		() => arrange<PythonModule>(new Map()),
	);
	checkTopLevel(file, syntax);
	const upgrade = functionNamed(file, syntax, 'upgrade');
	if (upgrade === undefined) throw pythonError(file, 0, 'the migration has no function upgrade', 'write: def upgrade(op): …');
	const downgrade = functionNamed(file, syntax, 'downgrade');
	return {upgrade: recorded(module, upgrade), ...(downgrade === undefined ? {} : {downgrade: recorded(module, downgrade)})};
}

/** What stands outside of the two functions is executed as well when pylite-orm loads the file: only what calls nothing can be left alone. */
function checkTopLevel(file: PythonText, {statements}: PythonSyntax): void {
	for (const {statement} of statementsReached(statements)) {
		if (statement.kind === 'expression' && statement.value.kind !== 'string' && statement.value.kind !== 'ellipsis') {
			throw pythonError(file, statement.from, 'this would be executed whenever the migration is loaded', 'move it into upgrade(op), as calls on op');
		}
	}
}

function functionNamed(file: PythonText, {statements}: PythonSyntax, name: string): FunctionStatement | undefined {
	const found = [...statementsReached(statements)].filter(({statement}) => setsName(statement, name));
	const [first, second] = found;
	if (second !== undefined) {
		const {line} = positionAt(file, first?.statement.from ?? 0);
		throw pythonError(file, second.statement.from, `${name} is set twice, first in line ${line}`, `leave one def ${name}(op) in the file`);
	}
	if (first === undefined) return undefined;
	const {statement, isConditional} = first;
	if (statement.kind !== 'function' || isConditional || statement.isAsync || statement.decorators.length > 0) {
		throw pythonError(
			file,
			statement.from,
			`${name} is no plain function, so what it does cannot be known without running Python`,
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

/** The operations that a function calls. */
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
	update: 'a change of a value',
	delete: 'a deletion',
	typeAlias: 'a type',
	assign: 'an assignment to a part of something',
};

function refused(file: PythonText, statement: Statement, op: string) {
	const what =
		statement.kind === 'block' || statement.kind === 'flow' ? `this ${statement.word}` : (words[statement.kind] ?? `what is no call of ${op}`);
	return pythonError(
		file,
		statement.from,
		`${what} in a migration cannot be followed without running Python`,
		`write plain calls: ${op}.execute('UPDATE …'), ${op}.create_table(…), one behind the other`,
	);
}
