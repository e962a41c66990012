import {classBody} from './class-body.ts';
import {evaluate, place, placeArguments} from './evaluate.ts';
import {isExported, isLibraryModule} from './library.ts';
import {findAbsolute, findRelative, type Place, type Places, partsOfPath} from './place.ts';
import {statementsReached} from './reach.ts';
import {isStandardModule} from './standard.ts';
import type {ClassStatement, PythonSyntax, Statement} from './syntax.ts';
import type {PythonText} from './text.ts';
import type {Placed, PythonClass, PythonModule, Scope, Value} from './value.ts';

/** A statement that sets a name at the top level of a module. */
interface Binding {
	readonly from: number;
	readonly isConditional: boolean;
	/** Returns the value. Undefined if the statement does not set the name after all: `from x import *`. */
	readonly resolve: (name: string) => Placed | undefined;
}

/** Returns a module whose names can be looked up. Each name is evaluated once, on demand. */
export function pythonModule(file: PythonText, syntax: () => PythonSyntax, places: () => Places<PythonModule>): PythonModule {
	let known: Bindings | undefined;
	const folder = partsOfPath(file.path).slice(0, -1);
	const classes = new Map<ClassStatement, PythonClass>();
	const module: PythonModule = {
		file,
		lookUp(name, until) {
			known ??= bindingsOf(module, syntax());
			return lookUp(candidates(known, name, until), name, file);
		},
		importModule: (level, path) => importModule(places(), folder, level, path),
		classAt(statement, scope) {
			const found = classes.get(statement) ?? pythonClass(module, statement, scope);
			classes.set(statement, found);
			return found;
		},
	};
	return module;
}

interface Bindings {
	readonly named: ReadonlyMap<string, readonly Binding[]>;
	readonly stars: readonly Binding[];
}

function bindingsOf(module: PythonModule, {statements}: PythonSyntax): Bindings {
	const named = new Map<string, Binding[]>();
	const stars: Binding[] = [];
	for (const {statement, isConditional} of statementsReached(statements)) {
		bind(module, statement, (name, resolve) => {
			const list = name === '*' ? stars : (named.get(name) ?? []);
			if (name !== '*') named.set(name, list);
			list.push({from: statement.from, isConditional, resolve: once(resolve)});
		});
	}
	return {named, stars};
}

const placeOf = (value: Value, file: PythonText, from: number): Placed => ({value, file, from});

/** Returns the statements that set a name before an offset, latest first. */
function candidates({named, stars}: Bindings, name: string, until: number): Binding[] {
	return [...(named.get(name) ?? []), ...stars].filter(({from}) => from < until).sort((a, b) => b.from - a.from);
}

function lookUp(list: readonly Binding[], name: string, file: PythonText): Placed | undefined {
	const conditional: Placed[] = [];
	for (const {isConditional, resolve} of list) {
		const found = resolve(name);
		if (found === undefined) continue;
		if (!isConditional && conditional.length === 0) return found;
		conditional.push(found);
		if (!isConditional) break;
	}

	const [first] = conditional;
	if (first === undefined) return undefined;
	const {value} = first;
	const isSame = value.kind === 'library' && conditional.every((other) => other.value.kind === 'library' && other.value.name === value.name);
	return isSame ? first : placeOf({kind: 'unknown', what: `${name}, which is set conditionally`}, file, first.from);
}

let depth = 0;
const maxDepth = 40;

/** Evaluates a binding once. A binding that depends on itself, or is nested too deeply, is unknown. */
function once(resolve: (name: string) => Placed | undefined): (name: string) => Placed | undefined {
	const known = new Map<string, Placed | undefined>();
	const inProgress = new Set<string>();
	return (name) => {
		if (known.has(name)) return known.get(name);
		if (inProgress.has(name) || depth > maxDepth) return undefined;
		inProgress.add(name);
		depth += 1;
		try {
			const found = resolve(name);
			known.set(name, found);
			return found;
		} finally {
			depth -= 1;
			inProgress.delete(name);
		}
	};
}

type Bind = (name: string, resolve: (name: string) => Placed | undefined) => void;

/** Calls `set` with the names that a statement sets and their values. `*` represents all names of a module. */
function bind(module: PythonModule, statement: Statement, set: Bind): void {
	const {file} = module;
	const {from} = statement;
	const scope: Scope = {module, local: new Map(), until: from};
	const setUnknown = (name: string, what: string) => set(name, () => placeOf({kind: 'unknown', what: `${name}, ${what}`}, file, from));
	switch (statement.kind) {
		case 'assign': {
			const {targets, value} = statement;
			if (value === undefined) return;
			for (const target of targets) {
				if (target.kind === 'name') set(target.name, () => place(value, scope));
				else if (target.kind === 'tuple') {
					for (const {value: part} of target.items) if (part.kind === 'name') setUnknown(part.name, 'which is set by unpacking');
				} else if (target.kind === 'subscript' && target.object.kind === 'name') setUnknown(target.object.name, 'which is changed later');
			}
			return;
		}
		case 'class':
			set(statement.name, () => placeOf({kind: 'class', class: module.classAt(statement, scope)}, file, from));
			return;
		case 'function':
			set(statement.name, () => placeOf({kind: 'inert', what: `the function ${statement.name}`, isCallable: true}, file, from));
			return;
		case 'import':
			for (const {path, as} of statement.modules) {
				const [top = path] = path.split('.');
				set(as ?? top, () => placeOf(module.importModule(0, as === undefined ? top : path), file, from));
			}
			return;
		case 'from': {
			const {level, path, names, isStar} = statement;
			for (const {name, as} of names) set(as, () => imported(module, level, path, name, from));
			if (isStar) set('*', (name) => starImported(module, level, path, name, from));
			return;
		}
		case 'typeAlias':
			set(statement.name, () => placeOf({kind: 'inert', what: `the type ${statement.name}`}, file, from));
			return;
		case 'update':
			if (statement.target.kind === 'name') setUnknown(statement.target.name, `which is changed by ${statement.operator}`);
			return;
		case 'delete':
			for (const target of statement.targets) if (target.kind === 'name') setUnknown(target.name, 'which is deleted');
			return;
		case 'block':
			for (const name of statement.names) setUnknown(name, `which is set by ${statement.word}`);
			return;
		case 'expression': {
			const changed = listChangedBy(statement.value);
			if (changed !== undefined) setUnknown(changed, 'which is changed later');
			return;
		}
		default:
			return;
	}
}

const changers = new Set('append extend insert remove pop clear sort reverse update setdefault popitem add discard'.split(' '));

/** Returns the name in `NAME.append(…)`. */
function listChangedBy(value: Extract<Statement, {readonly kind: 'expression'}>['value']): string | undefined {
	if (value.kind !== 'call' || value.callee.kind !== 'member' || !changers.has(value.callee.name)) return undefined;
	return value.callee.object.kind === 'name' ? value.callee.object.name : undefined;
}

function importModule(places: Places<PythonModule>, folder: readonly string[], level: number, path: string): Value {
	if (level === 0 && isLibraryModule(path)) return {kind: 'library', name: ''};
	const found = level === 0 ? findAbsolute(places, path) : findRelative(places, folder, level, path);
	if (found !== undefined) return moduleValue(places, found);
	return {kind: 'outside', name: `${'.'.repeat(level)}${path}`, isStandard: level === 0 && isStandardModule(path)};
}

function moduleValue(places: Places<PythonModule>, {path, isFolder, file}: Place<PythonModule>): Value {
	const name = `${path.join('/')}${isFolder ? '/' : '.py'}`;
	const member = (key: string): Placed | undefined => {
		const set = file?.lookUp(key, Number.POSITIVE_INFINITY);
		if (set !== undefined || !isFolder) return set;
		const inner = findRelative(places, path, 1, key);
		const value = inner === undefined ? undefined : moduleValue(places, inner);
		const home = inner?.file ?? file;
		return value === undefined || home === undefined ? undefined : placeOf(value, home.file, 0);
	};
	return {kind: 'module', name, member};
}

function imported(module: PythonModule, level: number, path: string, name: string, from: number): Placed {
	const source = module.importModule(level, path);
	const at = (value: Value) => placeOf(value, module.file, from);
	switch (source.kind) {
		case 'library':
			return at(evaluateMember(module, source, name));
		case 'module':
			return source.member(name) ?? at({kind: 'unknown', what: `${name}, which ${source.name} does not define`});
		case 'outside': {
			const inner = `${source.name}${/\.$|^$/.test(source.name) ? '' : '.'}${name}`;
			const found = level === 0 ? module.importModule(0, inner) : source;
			return at(found.kind === 'module' ? found : {...source, name: inner});
		}
		default:
			return at(source);
	}
}

function evaluateMember(module: PythonModule, source: Value, name: string): Value {
	const local = new Map([['it', placeOf(source, module.file, 0)]]);
	return evaluate({kind: 'member', object: {kind: 'name', name: 'it', from: 0}, name, from: 0}, {module, local, until: 0});
}

function starImported(module: PythonModule, level: number, path: string, name: string, from: number): Placed | undefined {
	const source = module.importModule(level, path);
	if (name.startsWith('_') || source.kind === 'outside') return undefined;
	if (source.kind === 'library') return isExported(name) ? placeOf({kind: 'library', name}, module.file, from) : undefined;
	return source.kind === 'module' ? source.member(name) : undefined;
}

function pythonClass(module: PythonModule, statement: ClassStatement, scope: Scope): PythonClass {
	let bases: readonly Placed[] | undefined;
	let body: ReturnType<PythonClass['body']> | undefined;
	return {
		module,
		statement,
		bases() {
			bases ??= placeArguments(statement.arguments, scope).filter(({name}) => name === undefined);
			return bases;
		},
		body() {
			body ??= classBody(module, statement, scope.until);
			return body;
		},
	};
}
