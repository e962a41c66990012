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

/** Returns the column type for an annotation, as in `age: int = DbField()` or `age: Optional[int]`. Returns TEXT if the type is unclear. */
export function typeOfAnnotation(annotation: Expression): string {
	const plain = unwrapped(annotation);
	return (plain?.kind === 'name' ? types.get(plain.name) : undefined) ?? 'TEXT';
}

/** Removes `Optional`, `| None`, `Annotated` and quotes from a type. Undefined if more than one type is left. */
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

/** Parses an annotation in quotes, which is also Python. Undefined if it cannot be parsed, which results in TEXT. */
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
