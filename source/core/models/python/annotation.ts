import {MigrError} from '../../errors.ts';
import {parsePython} from './parse.ts';
import type {Expression} from './syntax.ts';
import {pythonText} from './text.ts';

const types: ReadonlyMap<string, string> = new Map([
	['int', 'INTEGER'],
	['str', 'TEXT'],
	['float', 'REAL'],
	['bool', 'INTEGER'],
	['bytes', 'BLOB'],
]);

/** The column type for an annotation, as in `age: int = DbField()` or `age: Optional[int]`; TEXT for everything that is not plainly another. */
export function typeOfAnnotation(annotation: Expression): string {
	const plain = unwrapped(annotation);
	return (plain?.kind === 'name' ? types.get(plain.name) : undefined) ?? 'TEXT';
}

/** The type without `Optional`, `| None`, `Annotated` and quotes; undefined where more than one is left. */
function unwrapped(annotation: Expression): Expression | undefined {
	switch (annotation.kind) {
		case 'string':
			return quoted(annotation.value);
		case 'subscript': {
			const [first] = annotation.index;
			const wrapper = annotation.object.kind === 'name' || annotation.object.kind === 'member' ? annotation.object.name : '';
			if (wrapper === 'Union') return only(annotation.index.map(({value}) => value));
			return ['Optional', 'Annotated', 'Final', 'ClassVar'].includes(wrapper) && first !== undefined ? unwrapped(first.value) : annotation;
		}
		case 'binary':
			return annotation.operator === '|' ? only([annotation.left, annotation.right]) : undefined;
		default:
			return annotation;
	}
}

function only(alternatives: readonly Expression[]): Expression | undefined {
	const [first, ...others] = alternatives.filter(({kind}) => kind !== 'none');
	return first !== undefined && others.length === 0 ? unwrapped(first) : undefined;
}

/** An annotation in quotes is Python too; what cannot be read is some type, and so TEXT. */
function quoted(text: string): Expression | undefined {
	if (text.length > 200) return undefined;
	try {
		const [statement] = parsePython(pythonText('', text.trim(), 'model')).statements;
		return statement?.kind === 'expression' ? unwrapped(statement.value) : undefined;
	} catch (error) {
		if (error instanceof MigrError) return undefined;
		throw error;
	}
}
