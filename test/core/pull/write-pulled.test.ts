import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {readSchema} from '../../../source/core/ddl/read.ts';
import {type PulledFile, pullModels, writePulled} from '../../../source/core/pull/pull.ts';
import {emptySchema} from '../../../source/core/schema/schema.ts';

function folder(): string {
	const path = mkdtempSync(join(tmpdir(), 'lite-migr-write-pulled-'));
	onTestFinished(() => rmSync(path, {recursive: true, force: true}));
	return path;
}

const file = (name: string, exists = false): PulledFile => ({name, text: `-- ${name}\n`, exists, isSame: false});

describe('pulled models', () => {
	test('report existing files with the same names', async () => {
		const models = join(folder(), 'models');
		const [first] = (await pullModels(emptySchema, 'sql', models)).files;
		expect(first).toMatchObject({name: 'schema.sql', exists: false, isSame: false});
		mkdirSync(models);
		writeFileSync(join(models, 'schema.sql'), first!.text);
		expect((await pullModels(emptySchema, 'sql', models)).files).toMatchObject([{exists: true, isSame: true}]);
		writeFileSync(join(models, 'schema.sql'), `${first!.text}-- mine\n`);
		expect((await pullModels(emptySchema, 'sql', models)).files).toMatchObject([{exists: true, isSame: false}]);
	});

	test.each(['sql', 'ts'] as const)('may refer to ignored tables, and the error for others suggests the ignore line (%s)', async (format) => {
		const schema = readSchema([
			{type: 'table', name: 'a', sql: 'CREATE TABLE a (id INTEGER PRIMARY KEY, x REFERENCES gone, y, FOREIGN KEY (y) REFERENCES fields (id))'},
			{type: 'table', name: 'b', sql: 'CREATE TABLE b (z REFERENCES Fields (id))'},
		]);
		const models = join(folder(), 'models');
		await expect(pullModels(schema, format, models, ['legacy_*'])).rejects.toMatchObject({
			message: 'a (x) refers to table gone, which the database does not have',
			details: ['a (y) refers to table fields', 'b (z) refers to table Fields'],
			hint: 'exclude the missing tables in migrate.toml, then pull again:  ignore = ["legacy_*","gone","fields"]',
		});
		await expect(pullModels(schema, format, models, ['gone', 'fields'])).resolves.toMatchObject({differences: []});
	});

	test('are checked without leaving files or folders', async () => {
		const place = folder();
		await expect(pullModels(emptySchema, 'drizzle', join(place, 'a', 'b', 'models'))).resolves.toMatchObject({limitations: []});
		expect(readdirSync(place)).toEqual([]);
		mkdirSync(join(place, 'a'));
		await pullModels(emptySchema, 'drizzle', join(place, 'a', 'b', 'models'));
		expect(readdirSync(join(place, 'a'))).toEqual([]);
	});

	test('are written into a new folder, and replace files that existed when they were pulled', () => {
		const models = join(folder(), 'models');
		expect(writePulled({files: [file('a.sql')]}, models)).toEqual([join(models, 'a.sql')]);
		writePulled({files: [{...file('a.sql', true), text: 'new'}, file('b.sql')]}, models);
		expect(readdirSync(models)).toEqual(['a.sql', 'b.sql']);
		expect(readFileSync(join(models, 'a.sql'), 'utf8')).toBe('new');
	});

	test('are not written if a new file with the same name was created in the meantime', () => {
		const models = folder();
		writeFileSync(join(models, 'b.sql'), 'mine');
		expect(() => writePulled({files: [file('a.sql'), file('b.sql')]}, models)).toThrow('b.sql was created in the meantime; nothing was written');
		expect(readdirSync(models)).toEqual(['b.sql']);
		expect(readFileSync(join(models, 'b.sql'), 'utf8')).toBe('mine');
	});

	test('leave no partial files if the folder is a file', () => {
		const place = folder();
		writeFileSync(join(place, 'models'), 'a file');
		expect(() => writePulled({files: [file('a.sql')]}, join(place, 'models'))).toThrow('cannot create a folder for the models: ');
		expect(readdirSync(place)).toEqual(['models']);
	});
});
