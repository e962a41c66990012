import {pythonError} from './text.ts';
import type {Placed, PythonClass} from './value.ts';

/** One class in the order that Python uses to look up attributes. */
export type Ancestor =
	| {readonly kind: 'class'; readonly class: PythonClass}
	| {readonly kind: 'library'; readonly name: string}
	/** A class of Python itself. It has no DbField. */
	| {readonly kind: 'standard'; readonly name: string}
	/** A base that is not read, so its attributes are unknown. */
	| {readonly kind: 'unknown'; readonly what: string; readonly base: Placed};

const maxAncestors = 100;
const lineages = new WeakMap<PythonClass, readonly Ancestor[]>();
const inProgress = new Set<PythonClass>();

/**
 * Returns the class and its ancestors, in Python's method resolution order (https://docs.python.org/3/howto/mro.html).
 *
 * @throws MigrError if a class inherits from itself, or if there is no such order
 */
export function lineageOf(subject: PythonClass): readonly Ancestor[] {
	const before = lineages.get(subject);
	if (before !== undefined) return before;
	const {module, statement} = subject;
	if (inProgress.has(subject)) throw pythonError(module.file, statement.from, `class ${statement.name} inherits from itself`);
	if (inProgress.size > maxAncestors) throw pythonError(module.file, statement.from, `class ${statement.name} inherits from too many classes`);
	inProgress.add(subject);
	try {
		const bases = subject.bases();
		const own: Ancestor = {kind: 'class', class: subject};
		const parents = bases.map(ancestorsOf).filter((list) => list.length > 0);
		const merged = merge([...parents, parents.flatMap(([first]) => (first === undefined ? [] : [first]))]);
		if (merged === undefined) {
			throw pythonError(
				module.file,
				statement.from,
				`Python cannot order the bases of class ${statement.name}`,
				'list a base after the classes that inherit from it',
			);
		}
		if (merged.length > maxAncestors) throw pythonError(module.file, statement.from, `class ${statement.name} inherits from too many classes`);
		lineages.set(subject, [own, ...merged]);
		return [own, ...merged];
	} finally {
		inProgress.delete(subject);
	}
}

function ancestorsOf(base: Placed): readonly Ancestor[] {
	const {value} = base;
	switch (value.kind) {
		case 'class':
			return lineageOf(value.class);
		case 'library':
			return [{kind: 'library', name: value.name}];
		case 'outside':
			if (value.name === 'object') return [];
			return [value.isStandard ? {kind: 'standard', name: value.name} : {kind: 'unknown', what: value.name, base}];
		case 'inert':
			return [{kind: 'standard', name: value.what}];
		case 'unknown':
			return [{kind: 'unknown', what: value.what, base}];
		default:
			return [{kind: 'unknown', what: `a ${value.kind}`, base}];
	}
}

/** Merges the lists by the C3 algorithm: always takes the first head that does not appear later in another list. */
function merge(lists: readonly (readonly Ancestor[])[]): readonly Ancestor[] | undefined {
	const merged: Ancestor[] = [];
	let rest = lists.filter((list) => list.length > 0);
	while (rest.length > 0) {
		const head = rest
			.map(([first]) => first)
			.find((candidate) => candidate !== undefined && !rest.some((list) => list.slice(1).some((other) => isSame(other, candidate))));
		if (head === undefined) return undefined;
		merged.push(head);
		rest = rest.map((list) => (list[0] !== undefined && isSame(list[0], head) ? list.slice(1) : list)).filter((list) => list.length > 0);
	}
	return merged;
}

function isSame(a: Ancestor, b: Ancestor): boolean {
	if (a.kind === 'class') return b.kind === 'class' && a.class === b.class;
	if (a.kind === 'unknown') return b.kind === 'unknown' && a.base.from === b.base.from && a.base.file === b.base.file;
	return b.kind === a.kind && b.name === a.name;
}

/** True if the class is a model, a descendant of DbModel. */
export function isModel(subject: PythonClass): boolean {
	return lineageOf(subject).some((ancestor) => ancestor.kind === 'library' && ancestor.name === 'DbModel');
}
