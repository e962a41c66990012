import {mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {fileDigest, type TemplateStore, templateStore} from '../../../source/core/testing/template-store.ts';
import {temporaryFolder} from '../sqlite/temporary-folder.ts';

interface Stored {
	readonly project: string;
	readonly folder: string;
	readonly store: TemplateStore;
}

const folders = temporaryFolder();
const content = Buffer.from('the pages of a database');

/** Creates a store with the template `a`. */
function filledStore(): Stored {
	const project = folders.path;
	mkdirSync(join(project, 'node_modules'));
	const store = templateStore(join(project, 'migrations'));
	if (store === undefined) throw new Error('no store');
	store.write('a', {content, imports: []});
	return {project, store, folder: join(project, 'node_modules/.cache/lite-migr')};
}

test('returns what was stored', () => {
	const {store} = filledStore();
	expect(store.read('a')).toEqual({content, imports: []});
	expect(store.read('b')).toBeUndefined();
	store.write('a', {content: Buffer.from('\n\n'), imports: []});
	expect(store.read('a')?.content.toString()).toBe('\n\n');
});

test.each<[string, (bytes: Buffer) => Buffer]>([
	['cut off', (bytes) => bytes.subarray(0, -1)],
	['longer than before', (bytes) => Buffer.concat([bytes, Buffer.from('x')])],
	['empty', () => Buffer.alloc(0)],
	['changed in one byte', (bytes) => Buffer.concat([bytes.subarray(0, -2), Buffer.from('x'), bytes.subarray(-1)])],
	[
		'changed in its header',
		(bytes) => Buffer.from(bytes.toString().replace('"imports":[]', '"imports":[ ]').replace('[ ]', '[{"path":"x","digest":""}]')),
	],
	['a database', () => Buffer.from('SQLite format 3\0\n\n')],
	['other JSON', () => Buffer.from('null\n')],
	['without the database', (bytes) => bytes.subarray(0, bytes.indexOf('\n') + 1)],
])('ignores a file that is %s', (_, damage) => {
	const {store, folder} = filledStore();
	const path = join(folder, 'a.template');
	writeFileSync(path, damage(readFileSync(path)));
	expect(store.read('a')).toBeUndefined();
	store.write('a', {content, imports: []});
	expect(store.read('a')).toEqual({content, imports: []});
});

test('ignores the template of another key', () => {
	const {store, folder} = filledStore();
	writeFileSync(join(folder, 'b.template'), readFileSync(join(folder, 'a.template')));
	expect(store.read('b')).toBeUndefined();
});

test('ignores a template after an imported file was changed, created or removed', () => {
	const {store, project} = filledStore();
	const [present, missing] = [join(project, 'present.ts'), join(project, 'missing.ts')];
	writeFileSync(present, 'one');
	const imports = [present, missing].map(fileDigest);
	store.write('a', {content, imports});
	expect(store.read('a')).toEqual({content, imports});
	writeFileSync(present, 'two');
	expect(store.read('a')).toBeUndefined();
	writeFileSync(present, 'one');
	expect(store.read('a')).toBeDefined();
	writeFileSync(missing, '');
	expect(store.read('a')).toBeUndefined();
});

test('keeps the fifty templates that were used last, and removes the parts that killed processes have left', () => {
	const {store, folder} = filledStore();
	const hourAgo = Date.now() / 1000 - 3600;
	for (let index = 0; index < 60; index++) {
		writeFileSync(join(folder, `${index}.template`), '');
		utimesSync(join(folder, `${index}.template`), hourAgo + index, hourAgo + index);
	}
	utimesSync(join(folder, 'a.template'), hourAgo - 1, hourAgo - 1);
	expect(store.read('a')).toBeDefined();
	writeFileSync(join(folder, 'x.partial'), '');
	utimesSync(join(folder, 'x.partial'), hourAgo - 60, hourAgo - 60);
	store.write('new', {content, imports: []});
	const names = readdirSync(folder);
	expect(names).toHaveLength(50);
	expect(names).toEqual(expect.arrayContaining(['new.template', 'a.template', '59.template', '12.template']));
	expect(names).not.toContain('x.partial');
});

test('lets one caller work on a key at a time', async () => {
	const {store, folder} = filledStore();
	const order: string[] = [];
	const work = (name: string) => async () => {
		order.push(`${name} begins`);
		await Promise.resolve();
		order.push(`${name} ends`);
	};
	await Promise.all([store.alone('a', work('first')), store.alone('a', work('second'))]);
	expect(order.map((line) => line.split(' ')[1])).toEqual(['begins', 'ends', 'begins', 'ends']);
	expect(readdirSync(folder)).toEqual(['a.template']);
});
