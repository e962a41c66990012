import {readdirSync, readFileSync} from 'node:fs';
import {join, relative} from 'node:path';
import {describe, expect, test} from 'vitest';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

/** Returns the names in the first column of the table with this heading, grouped by row. */
function rowsOf(heading: string): readonly (readonly string[])[] {
	const start = page.indexOf(`| \`${heading}\``);
	expect(start, heading).toBeGreaterThan(0);
	const rows = page.slice(start).split('\n\n')[0]?.split('\n').slice(2) ?? [];
	return rows.map((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name.replace(/\/$/, '')));
}

function filesIn(folder: string): readonly string[] {
	return readdirSync(folder, {recursive: true, encoding: 'utf8'})
		.filter((name) => /\.tsx?$/.test(name))
		.map((name) => join(folder, name));
}

/** Returns the names of the files and folders directly in a folder. */
function partsOf(folder: string): readonly string[] {
	return [...new Set(filesIn(folder).map((file) => relative(folder, file).split('/')[0] ?? ''))];
}

function importsOf(file: string): readonly string[] {
	return [...readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, specifier = '']) => join(file, '..', specifier));
}

describe('docs/architecture.md', () => {
	test('names every folder and file of core/migrations, in the order of imports', () => {
		const folder = join(root, 'source/core/migrations');
		const rows = rowsOf('source/core/migrations/');
		expect(rows.flat().toSorted()).toEqual(partsOf(folder).toSorted());
		const rank = new Map(rows.flatMap((names, index) => names.map((name) => [name, index] as const)));
		const rankOf = (file: string) => rank.get(relative(folder, file).split('/')[0] ?? '') ?? Number.NaN;
		const upwards = filesIn(folder).flatMap((file) =>
			importsOf(file)
				.filter((imported) => imported.startsWith(`${folder}/`) && !(rankOf(imported) >= rankOf(file)))
				.map((imported) => `${relative(root, file)} → ${relative(root, imported)}`),
		);
		expect(upwards).toEqual([]);
	});

	test('names every folder of the core', () => {
		const named = new Set(
			rowsOf('source/core/')
				.flat()
				.map((name) => name.split('/')[0]),
		);
		const folders = partsOf(join(root, 'source/core')).filter((name) => !name.endsWith('.ts'));
		expect(folders.filter((name) => !named.has(name) && name !== 'text')).toEqual([]);
	});

	test('names only files that exist', () => {
		const paths = [...page.matchAll(/`((?:[\w-]+\/)*[\w-]+\.tsx?)`/g)].map(([, path = '']) => path);
		const all = [...filesIn(join(root, 'source')), ...filesIn(join(root, 'test')), join(root, 'cli.tsx')];
		expect(paths.length).toBeGreaterThan(30);
		expect(paths.filter((path) => !all.some((file) => file.endsWith(`/${path}`)))).toEqual([]);
	});
});
