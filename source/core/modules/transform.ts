import {readFileSync} from 'node:fs';
import {extname} from 'node:path';
import {Script} from 'node:vm';
import {type Transform, transform} from 'sucrase';
import {MigrError} from '../errors.ts';

/**
 * Converts TypeScript to JavaScript and keeps the line numbers. Handles syntax that Node cannot strip (an enum, a parameter property), JSX, and
 * type-only imports that are not marked as such. Loaded only if a file needs it.
 *
 * @throws MigrError `model`, with file and line, for a syntax error, and for a namespace, which cannot be converted to a module
 */
export function transformTypeScript(source: string, file: string): string {
	const namespace = /^[ \t]*(?:export[ \t]+)?(?:namespace|module)[ \t]+[\w.]+[ \t]*\{/m.exec(source);
	if (namespace !== null) {
		throw new MigrError('model', 'a TypeScript namespace cannot be loaded', {
			location: {file, line: source.slice(0, namespace.index).split('\n').length},
			hint: 'export its contents from a separate module',
		});
	}
	return transformed(source, file, []);
}

/**
 * Returns the first syntax error in these files as MigrError('model') with file and line, which the engine does not report for an ES module.
 * Undefined if the files have no syntax errors.
 */
export function findSyntaxError(files: readonly string[]): MigrError | undefined {
	for (const file of files) {
		try {
			// The engine does report the location of a syntax error in a function. The wrapper keeps every line number.
			const text = transformed(readFileSync(file, 'utf8'), file, ['imports']).replace(/\bimport\.meta\b/g, '({})');
			new Script(`(async () => {${text}\n})`, {filename: file});
		} catch (error) {
			if (error instanceof MigrError) return error;
			const {stack = '', message} = error as Error;
			const [first = '', text = ''] = stack.split('\n');
			const line = Number(/:(\d+)$/.exec(first)?.[1]);
			if (Number.isNaN(line)) throw error;
			const hint = /^\s*@\w/.test(text) ? {hint: 'move decorated code to another file: JavaScript does not support decorators yet'} : {};
			return new MigrError('model', message, {...hint, location: {file, line}, cause: error});
		}
	}
	return undefined;
}

function transformed(source: string, file: string, more: readonly Transform[]): string {
	const transforms: Transform[] = [
		...(/\.[mc]?tsx?$/.test(file) ? (['typescript'] as const) : []),
		...(extname(file).endsWith('x') ? (['jsx'] as const) : []),
		...more,
	];
	try {
		return transform(source, {transforms, filePath: file, disableESTransforms: true, production: true, jsxRuntime: 'automatic'}).code;
	} catch (error) {
		const {loc, message} = error as Error & {readonly loc?: {readonly line: number; readonly column: number}};
		if (loc === undefined) throw error;
		throw new MigrError('model', message.replace(/^Error transforming .*?: /, '').replace(/ \(\d+:\d+\)$/, ''), {
			location: {file, line: loc.line, column: loc.column},
			cause: error,
		});
	}
}
