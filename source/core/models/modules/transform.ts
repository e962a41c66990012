import {extname} from 'node:path';
import {transform} from 'sucrase';
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
	try {
		const transforms = extname(file).endsWith('x') ? (['typescript', 'jsx'] as const) : (['typescript'] as const);
		return transform(source, {transforms: [...transforms], filePath: file, disableESTransforms: true, production: true, jsxRuntime: 'automatic'})
			.code;
	} catch (error) {
		const {loc, message} = error as Error & {readonly loc?: {readonly line: number; readonly column: number}};
		if (loc === undefined) throw error;
		throw new MigrError('model', message.replace(/^Error transforming .*?: /, '').replace(/ \(\d+:\d+\)$/, ''), {
			location: {file, line: loc.line, column: loc.column},
			cause: error,
		});
	}
}
