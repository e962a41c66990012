import {readFileSync} from 'node:fs';
import {extname} from 'node:path';
import {Script} from 'node:vm';
import {type Transform, transform} from 'sucrase';
import {MigrError} from '../../errors.ts';

/**
 * TypeScript as JavaScript with the same lines: what Node cannot strip (an enum, a parameter property), JSX, and imports that only types need
 * and do not say so. Loaded only where a file needs it.
 *
 * Throws MigrError('model') with file and line for a syntax error, and for a namespace, which has no form as a module.
 */
export function transformTypeScript(source: string, file: string): string {
	const namespace = /^[ \t]*(?:export[ \t]+)?(?:namespace|module)[ \t]+[\w.]+[ \t]*\{/m.exec(source);
	if (namespace !== null) {
		throw new MigrError('model', 'a TypeScript namespace cannot be loaded', {
			location: {file, line: source.slice(0, namespace.index).split('\n').length},
			hint: 'export what is inside of it from a module of its own',
		});
	}
	return transformed(source, file, []);
}

/**
 * The first mistake in the syntax of these files, as MigrError('model') with file and line: the engine tells neither of an ES module. Undefined
 * where there is none.
 */
export function findSyntaxError(files: readonly string[]): MigrError | undefined {
	for (const file of files) {
		try {
			// As a function, whose syntax the engine does tell the place of; every line stays where it is.
			const text = transformed(readFileSync(file, 'utf8'), file, ['imports']).replace(/\bimport\.meta\b/g, '({})');
			new Script(`(async () => {${text}\n})`, {filename: file});
		} catch (error) {
			if (error instanceof MigrError) return error;
			const {stack = '', message} = error as Error;
			const [first = '', text = ''] = stack.split('\n');
			const line = Number(/:(\d+)$/.exec(first)?.[1]);
			if (Number.isNaN(line)) throw error;
			const hint = /^\s*@\w/.test(text) ? {hint: 'decorators are no JavaScript yet: move what they are on out of this file'} : {};
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
