import {existsSync, readFileSync} from 'node:fs';
import {dirname, extname, join} from 'node:path';

/**
 * Returns whether a user's file is an ES module or CommonJS. If the extension does not decide, the contents do: TypeScript with `import` and `export`
 * is common in projects without `"type": "module"`, and Node would first read it as CommonJS and warn.
 */
export function moduleKind(file: string, text: string): 'module' | 'commonjs' {
	const extension = extname(file);
	if (extension.startsWith('.m')) return 'module';
	if (extension === '.cjs') return 'commonjs';
	if (/^\s*(?:import\b(?!\s*\()|export\b)|\bimport\.meta\b/m.test(text)) return 'module';
	if (extension === '.cts') return 'commonjs';
	if (/\bmodule\.exports\b|\bexports\.|\brequire\s*\(/.test(text)) return packageType(dirname(file));
	return 'module';
}

function packageType(folder: string): 'module' | 'commonjs' {
	for (let at = folder; ; at = dirname(at)) {
		const manifest = join(at, 'package.json');
		if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, 'utf8')).type === 'module' ? 'module' : 'commonjs';
		if (dirname(at) === at) return 'commonjs';
	}
}
