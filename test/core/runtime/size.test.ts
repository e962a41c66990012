import {join} from 'node:path';
import {brotliCompressSync, gzipSync} from 'node:zlib';
import {rolldown} from 'rolldown';
import {expect, test} from 'vitest';
import {bundleText} from '../../../source/core/migrations/bundle/bundle-text.ts';
import {compileBundle} from '../../../source/core/migrations/bundle/compile-bundle.ts';
import {sourceOf} from '../../laws/bundle-source.ts';
import {twentyMigrations} from './twenty-migrations.ts';

const root = join(import.meta.dirname, '../../..');

/** Returns a module with everything that it imports, minified, as an app contains it. */
async function minified(text: string): Promise<string> {
	const entry = join(root, 'app.js');
	const build = await rolldown({
		input: entry,
		platform: 'neutral',
		plugins: [
			{
				name: 'app',
				resolveId: (id) => (id === entry ? entry : id === 'lite-migr/runtime' ? join(root, 'source/runtime.ts') : null),
				load: (id) => (id === entry ? text : null),
			},
		],
	});
	const {output} = await build.generate({format: 'esm', minify: true});
	await build.close();
	return output[0].code;
}

test('the runtime and a bundle of 20 migrations take at most 60 kB, minified and compressed', async () => {
	const {bundle} = await compileBundle(sourceOf(twentyMigrations));
	expect(bundle.migrations).toHaveLength(20);
	const app = "import {migrate, nodeSqlite} from 'lite-migr/runtime';\nexport const start = (db) => migrate(nodeSqlite(db), migrations);\n";
	const runtime = await minified(`const migrations = {format: 1, migrations: []};\n${app}`);
	const whole = await minified(`${bundleText(bundle, 'js')}\n${app}`);
	const sizes = {
		runtime: {bytes: Buffer.byteLength(runtime), gzip: gzipSync(runtime).length, brotli: brotliCompressSync(runtime).length},
		whole: {bytes: Buffer.byteLength(whole), gzip: gzipSync(whole).length, brotli: brotliCompressSync(whole).length},
	};
	console.info(sizes);
	expect(sizes.runtime.gzip).toBeLessThan(10_000);
	expect(sizes.whole.gzip).toBeLessThan(60_000);
});
