import {place} from './evaluate.ts';
import {isModel} from './lineage.ts';
import {statementsReached} from './reach.ts';
import type {Expression, PythonSyntax, Statement} from './syntax.ts';
import {pythonError} from './text.ts';
import type {PythonClass, PythonModule, Scope, Value} from './value.ts';

/**
 * Checks that a module does not change a model after its class statement, and does not define one in a function. pylite-orm would see the result,
 * but lite-migr does not run the module.
 *
 * @throws MigrError if the module does either of these
 */
export function checkChanges(module: PythonModule, {statements, hiddenClasses}: PythonSyntax): void {
	for (const {statement} of statementsReached(statements)) {
		const scope: Scope = {module, local: new Map(), until: statement.from};
		if (isCreatedByType(statement, scope)) {
			throw pythonError(module.file, statement.from, 'a model created by type(…) cannot be read without running Python', 'write it as a class');
		}
		for (const target of changedBy(statement)) {
			const changed = modelIn(target, scope);
			if (changed === undefined) continue;
			const {name} = changed.statement;
			throw pythonError(
				module.file,
				statement.from,
				`model ${name} is changed outside its class, which cannot be followed without running Python`,
				`move the change into class ${name}`,
			);
		}
	}

	const scope: Scope = {module, local: new Map(), until: Number.POSITIVE_INFINITY};
	for (const {name, arguments: bases, from} of hiddenClasses) {
		if (!bases.some((base) => isModelValue(place(base.value, scope).value))) continue;
		const message = `model ${name} is inside a function, so whether it exists cannot be determined without running Python`;
		throw pythonError(module.file, from, message, 'move it to the top level of the file, or out of the models folder');
	}
}

/** True for `User = type('User', (DbModel,), {…})`. */
function isCreatedByType(statement: Statement, scope: Scope): boolean {
	const value = statement.kind === 'assign' || statement.kind === 'expression' ? statement.value : undefined;
	if (value?.kind !== 'call' || value.callee.kind !== 'name' || value.callee.name !== 'type') return false;
	const bases = value.arguments[1];
	const placed = bases === undefined ? undefined : place(bases.value, scope).value;
	return (placed?.kind === 'tuple' || placed?.kind === 'list') && placed.items.some((base) => isModelValue(base.value));
}

function isModelValue(value: Value): boolean {
	return (value.kind === 'class' && isModel(value.class)) || (value.kind === 'library' && value.name === 'DbModel');
}

/** Returns the objects that a statement modifies. */
function changedBy(statement: Statement): readonly Expression[] {
	switch (statement.kind) {
		case 'assign':
			return statement.value === undefined ? [] : statement.targets.filter(isPart);
		case 'update':
			return [statement.target].filter(isPart);
		case 'delete':
			return statement.targets.filter(isPart);
		case 'expression': {
			const {value} = statement;
			if (value.kind !== 'call') return [];
			const [first] = value.arguments;
			if (value.callee.kind === 'name') return /^(?:set|del)attr$/.test(value.callee.name) && first !== undefined ? [first.value] : [];
			// A method of the model itself, such as User.create(), does not change columns. A method of its Meta or its fields may.
			return value.callee.kind === 'member' && isPart(value.callee.object) ? [value.callee.object] : [];
		}
		default:
			return [];
	}
}

const isPart = ({kind}: Expression): boolean => kind === 'member' || kind === 'subscript';

/** Returns the model that an expression begins with: `User` in `User.Meta.indexes`, even after a module's name. */
function modelIn(target: Expression, scope: Scope): PythonClass | undefined {
	for (let at: Expression | undefined = target; at !== undefined; at = at.kind === 'member' || at.kind === 'subscript' ? at.object : undefined) {
		const {value} = place(at, scope);
		if (value.kind === 'class' && isModel(value.class)) return value.class;
	}
	return undefined;
}
