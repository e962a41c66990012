import {evaluate, place} from './evaluate.ts';
import {statementsReached} from './reach.ts';
import {isHarmless} from './standard.ts';
import type {Assignment, ClassStatement, Expression, Statement} from './syntax.ts';
import type {Attribute, ClassBody, Disturbance, Placed, PythonModule, Scope} from './value.ts';

/** Evaluates the body of a class, statement by statement, as Python would if the module had run up to `until`. */
export function classBody(module: PythonModule, {body}: ClassStatement, until: number): ClassBody {
	const attributes = new Map<string, Attribute>();
	const annotations = new Map<string, Expression>();
	const disturbances: Disturbance[] = [];
	const scope: Scope = {module, local: attributes, until};
	const into = {scope, attributes, annotations, disturbances};
	for (const {statement, isConditional} of statementsReached(body)) execute(into, statement, isConditional);
	return {attributes, annotations, disturbances};
}

interface Into {
	readonly scope: Scope;
	readonly attributes: Map<string, Attribute>;
	readonly annotations: Map<string, Expression>;
	readonly disturbances: Disturbance[];
}

function execute(into: Into, statement: Statement, isConditional: boolean): void {
	const {scope, attributes, disturbances} = into;
	const {file} = scope.module;
	const {from} = statement;
	const setTo = (name: string, value: Placed['value']) => {
		attributes.set(name, {value: isConditional ? {kind: 'unknown', what: `${name}, which is set conditionally`} : value, file, from});
	};
	const setUnknown = (name: string, what: string) => setTo(name, {kind: 'unknown', what: `${name}, ${what}`});
	switch (statement.kind) {
		case 'assign':
			assign(into, statement, isConditional);
			return;
		case 'class':
			setTo(statement.name, {kind: 'class', class: scope.module.classAt(statement, {...scope, local: new Map(attributes)})});
			return;
		case 'function':
			setTo(statement.name, {kind: 'inert', what: `the method ${statement.name}`, isCallable: true});
			return;
		case 'typeAlias':
			setTo(statement.name, {kind: 'inert', what: `the type ${statement.name}`});
			return;
		case 'import':
			for (const {path, as} of statement.modules) setUnknown(as ?? path.replace(/\..*/, ''), 'which is imported inside the class');
			return;
		case 'from':
			for (const {as} of statement.names) setUnknown(as, 'which is imported inside the class');
			if (statement.isStar) disturbances.push({from, what: 'an import * inside the class'});
			return;
		case 'update':
			if (statement.target.kind === 'name') setUnknown(statement.target.name, `which is changed by ${statement.operator}`);
			else disturbances.push({from, what: `a change by ${statement.operator}`});
			return;
		case 'delete':
			for (const target of statement.targets) {
				if (target.kind !== 'name') disturbances.push({from, what: 'a deletion'});
				else if (isConditional) setUnknown(target.name, 'which may be deleted');
				else attributes.delete(target.name);
			}
			return;
		case 'block':
			for (const name of statement.names) setUnknown(name, `which is set by ${statement.word}`);
			return;
		case 'expression':
			if (mayChange(statement.value, scope)) disturbances.push({from, what: 'a call in the class body'});
			return;
		default:
			return;
	}
}

/** True if an expression may change the class. Docstrings and calls such as print() do not. */
function mayChange(value: Expression, scope: Scope): boolean {
	if (value.kind !== 'call') return value.kind === 'other' && !value.isInert;
	const callee = evaluate(value.callee, scope);
	return !(callee.kind === 'outside' && callee.isStandard && isHarmless(callee.name));
}

function assign({scope, attributes, annotations, disturbances}: Into, statement: Assignment, isConditional: boolean): void {
	const {targets, annotation, value, from} = statement;
	const {file} = scope.module;
	const [first] = targets;
	if (annotation !== undefined && first?.kind === 'name') annotations.set(first.name, annotation);
	if (value === undefined) return;
	const placed = place(value, scope);
	const set = (name: string, found: Placed) => {
		const known: Placed = isConditional ? {...found, value: {kind: 'unknown', what: `${name}, which is set conditionally`}} : found;
		attributes.set(name, {...known, file, from, statement});
	};
	for (const target of targets) {
		if (target.kind === 'name') set(target.name, placed);
		else if (target.kind === 'tuple' || target.kind === 'list') {
			for (const {value: part} of target.items) {
				if (part.kind === 'name') set(part.name, {...placed, value: {kind: 'unknown', what: `${part.name}, which is set by unpacking`}});
			}
		} else disturbances.push({from, what: 'an assignment to an attribute or element'});
	}
}
