import {callOfLibrary, memberOfLibrary} from './library.ts';
import {lineageOf} from './lineage.ts';
import {isBuiltin, isHarmless} from './standard.ts';
import type {Argument, Expression, ListElement} from './syntax.ts';
import type {Placed, PlacedArgument, PythonClass, Scope, Value} from './value.ts';

type Of<Kind extends Expression['kind']> = Extract<Expression, {readonly kind: Kind}>;

/**
 * Evaluates an expression as far as possible without running it: literals, names that refer to them, `+` between them, and the classes, fields and
 * constants of models. Everything else is `inert` or `unknown`, and the caller reports it.
 */
export function evaluate(expression: Expression, scope: Scope): Value {
	switch (expression.kind) {
		case 'none':
		case 'ellipsis':
			return {kind: expression.kind};
		case 'boolean':
			return {kind: 'boolean', value: expression.value};
		case 'integer':
			return {kind: 'integer', value: expression.value};
		case 'float':
			return {kind: 'float', value: expression.value};
		case 'string':
			return {kind: 'string', value: expression.value};
		case 'bytes':
			return {kind: 'bytes', value: expression.value};
		case 'list':
		case 'tuple':
			return sequence(expression.kind, expression.items, scope);
		case 'set':
			return {kind: 'inert', what: 'a set'};
		case 'dict':
			return dictionary(expression, scope);
		case 'name':
			return nameValue(expression.name, scope);
		case 'member':
			return memberOf(evaluate(expression.object, scope), expression.name, scope);
		case 'subscript':
			return subscript(expression, scope);
		case 'call':
			return call(expression, scope);
		case 'unary':
			return unary(expression, scope);
		case 'binary':
			return binary(expression, scope);
		case 'other':
			return {kind: expression.isInert ? 'inert' : 'unknown', what: expression.what, ...(expression.what === 'a lambda' ? {isCallable: true} : {})};
	}
}

/** Evaluates an expression and adds its location. */
export function place(expression: Expression, scope: Scope): Placed {
	return {value: evaluate(expression, scope), file: scope.module.file, from: expression.from};
}

export function placeArguments(list: readonly Argument[], scope: Scope): PlacedArgument[] {
	return list.map(({value, from, ...rest}) => ({...place(value, scope), from, ...rest}));
}

function nameValue(name: string, scope: Scope): Value {
	const found = scope.local.get(name) ?? scope.module.lookUp(name, scope.until);
	if (found !== undefined) return found.value;
	return isBuiltin(name) ? {kind: 'outside', name, isStandard: true} : {kind: 'unknown', what: `${name}, which is not defined here`};
}

function sequence(kind: 'list' | 'tuple', items: readonly ListElement[], scope: Scope): Value {
	const placed: Placed[] = [];
	for (const {isSpread, value} of items) {
		const item = place(value, scope);
		if (!isSpread) placed.push(item);
		else if (item.value.kind === 'list' || item.value.kind === 'tuple') for (const inner of item.value.items) placed.push(inner);
		else return {kind: 'inert', what: `a ${kind} with computed parts`};
	}
	return limited({kind, items: placed});
}

/** The size limit of a value. A short list or string that is doubled a few dozen times would fill the memory. */
const largest = 100_000;

function limited(value: Extract<Value, {readonly kind: 'list' | 'tuple'}>): Value {
	return value.items.length <= largest ? value : {kind: 'inert', what: `a very long ${value.kind}`};
}

function dictionary({entries}: Of<'dict'>, scope: Scope): Value {
	const placed: {key: Placed; value: Placed}[] = [];
	for (const {key, value} of entries) {
		const item = place(value, scope);
		if (key !== undefined) placed.push({key: place(key, scope), value: item});
		else if (item.value.kind === 'dict') for (const inner of item.value.entries) placed.push(inner);
		else return {kind: 'inert', what: 'a dict with computed parts'};
		if (placed.length > largest) return {kind: 'inert', what: 'a very long dict'};
	}
	return {kind: 'dict', entries: placed};
}

function memberOf(object: Value, name: string, scope: Scope): Value {
	switch (object.kind) {
		case 'library':
			return memberOfLibrary(object.name, name);
		case 'class':
			return (
				attributeOf(object.class, name)?.value ?? {
					kind: isEnumeration(object.class) ? 'inert' : 'unknown',
					what: `${object.class.statement.name}.${name}`,
				}
			);
		case 'module':
			return object.member(name)?.value ?? {kind: 'unknown', what: `${name}, which ${object.name} does not define`};
		case 'outside': {
			const path = `${object.name}.${name}`;
			const found = scope.module.importModule(0, path);
			return found.kind === 'module' ? found : {...object, name: path};
		}
		case 'unknown':
			return object;
		default:
			return {kind: 'inert', what: `the attribute ${name} of a value`};
	}
}

/** Returns an attribute of a class as Python would find it. Undefined if the class has no such attribute, or if that is unknown. */
export function attributeOf(subject: PythonClass, name: string): Placed | undefined {
	const lineage = lineageOf(subject);
	if (isEnumeration(subject)) return undefined;
	for (const ancestor of lineage) {
		if (ancestor.kind === 'unknown') return undefined;
		if (ancestor.kind === 'standard') continue;
		if (ancestor.kind === 'class') {
			const found = ancestor.class.body().attributes.get(name);
			if (found !== undefined) return found;
		} else {
			const value = memberOfLibrary(ancestor.name, name);
			if (value.kind !== 'unknown') return {value, file: subject.module.file, from: subject.statement.from};
		}
	}
	return undefined;
}

/** True for an enumeration, which turns the attributes in its body into members. */
function isEnumeration(subject: PythonClass): boolean {
	return lineageOf(subject).some((ancestor) => ancestor.kind === 'standard' && ancestor.name.startsWith('enum.'));
}

function subscript({object, index}: Of<'subscript'>, scope: Scope): Value {
	const value = evaluate(object, scope);
	const [only] = index;
	if (value.kind === 'outside' || value.kind === 'class' || value.kind === 'inert') return value;
	if (index.length !== 1 || only === undefined || only.isSpread) return {kind: 'unknown', what: 'an element of a value'};
	const key = evaluate(only.value, scope);
	if ((value.kind === 'list' || value.kind === 'tuple') && key.kind === 'integer') {
		const item = value.items.at(Number(key.value));
		if (item !== undefined) return item.value;
	}
	if (value.kind === 'dict') {
		const entry = value.entries.findLast((candidate) => 'value' in candidate.key.value && 'value' in key && candidate.key.value.value === key.value);
		if (entry !== undefined) return entry.value.value;
	}
	return {kind: 'unknown', what: 'an element of a value'};
}

function call(expression: Of<'call'>, scope: Scope): Value {
	const callee = evaluate(expression.callee, scope);
	const what = `the result of ${dottedName(expression.callee)}()`;
	switch (callee.kind) {
		case 'library':
			if (callee.name !== 'DbField' && callee.name !== 'RelationField') return callOfLibrary(callee.name);
			return {kind: 'field', isVirtual: callee.name === 'RelationField', arguments: placeArguments(expression.arguments, scope)};
		case 'outside':
			return {kind: callee.isStandard && isHarmless(callee.name) ? 'inert' : 'unknown', what};
		case 'class':
			return {kind: lineageOf(callee.class).every(({kind}) => kind !== 'unknown') ? 'inert' : 'unknown', what};
		case 'inert':
			return {kind: callee.isCallable === true ? 'unknown' : 'inert', what};
		default:
			return {kind: 'unknown', what};
	}
}

/** Returns the name of an expression: `models.make`, or `…` if it is not a chain of names. */
export function dottedName(expression: Expression): string {
	if (expression.kind === 'name') return expression.name;
	return expression.kind === 'member' ? `${dottedName(expression.object)}.${expression.name}` : '…';
}

function unary({operator, operand}: Of<'unary'>, scope: Scope): Value {
	const value = evaluate(operand, scope);
	if (value.kind === 'integer' && (operator === '-' || operator === '+'))
		return {kind: 'integer', value: operator === '-' ? -value.value : value.value};
	if (value.kind === 'float' && (operator === '-' || operator === '+')) return {kind: 'float', value: operator === '-' ? -value.value : value.value};
	return {kind: 'inert', what: 'a computed value'};
}

function binary(expression: Of<'binary'>, scope: Scope): Value {
	const {operator} = expression;
	if (operator === 'and' || operator === 'or') return {kind: 'unknown', what: `an expression with ${operator}`};
	// A long sum is nested on the left.
	const right = evaluate(expression.right, scope);
	const left = evaluate(expression.left, scope);
	if (operator === '+') {
		if (left.kind === 'string' && right.kind === 'string' && left.value.length + right.value.length <= largest) {
			return {kind: 'string', value: left.value + right.value};
		}
		if ((left.kind === 'list' && right.kind === 'list') || (left.kind === 'tuple' && right.kind === 'tuple')) {
			return limited({kind: left.kind, items: [...left.items, ...right.items]});
		}
	}
	return {kind: 'inert', what: 'a computed value'};
}
