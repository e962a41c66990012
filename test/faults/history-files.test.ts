import {renameSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {expectWhole, leftovers, stateOf} from './database-state.ts';
import {expectUpgrade} from './expect-upgrade.ts';
import {type RewriteCopy, rewriteProject} from './rewrite-project.ts';

const project = rewriteProject({rows: 500});
const price = '20260101_000000_price';
const city = '20260102_000000_city';
const later = '20260103_000000_later';
const addsLater = "export function upgrade(op) { op.addColumn('log', 'later TEXT'); }\n";

async function upgraded(): Promise<RewriteCopy> {
	const copy = project.copy();
	await expectUpgrade(copy, project);
	return copy;
}

describe('the file of an applied migration that', () => {
	test('was edited is reported by status and check, and stops an upgrade, even with --yes, until the edit is accepted', async () => {
		const copy = await upgraded();
		copy.write(`migrations/${later}.ts`, addsLater);
		// Line endings and trailing whitespace do not count as an edit, because an editor or git may change them.
		copy.write(`migrations/${price}.ts`, copy.read(`migrations/${price}.ts`).replaceAll('\n', '  \r\n'));
		expect(JSON.parse((await copy.lite('status', '--json')).stdout)).toMatchObject({edited: [], pending: [{name: later}]});

		copy.write(`migrations/${price}.ts`, `${copy.read(`migrations/${price}.ts`)}// one word more\n`);
		expect(JSON.parse((await copy.lite('status', '--json')).stdout)).toMatchObject({edited: [price]});
		expect(JSON.parse((await copy.lite('check', '--json')).stdout).problems).toContainEqual(
			expect.objectContaining({kind: 'edited', items: [price]}),
		);
		const before = stateOf(copy.file).contents;
		expect(await copy.lite('upgrade', '--to', city)).toMatchObject({
			code: 3,
			stderr: expect.stringContaining(`edited after they were applied: ${price}`),
		});
		expect(await copy.lite('upgrade')).toMatchObject({
			code: 3,
			stderr: `✗ files of applied migrations were edited\n  │ edited after they were applied: ${price}\n  nothing was written: app.db is at ${city}\n  restore the files, for example from git\n  if the change is intended, run lite-migr upgrade --accept-edited (--yes does not cover it)\n`,
		});
		expectWhole(copy.file, {before});
		expect((await copy.lite('upgrade', '--yes')).code).toBe(3);
		expectWhole(copy.file, {before});
		expect(await copy.lite('upgrade', '--accept-edited')).toMatchObject({code: 0, stderr: ''});
		expect(stateOf(copy.file).contents).toContain('later TEXT');
	});

	test('is missing is reported by status and check, and stops an upgrade and its own downgrade', async () => {
		const copy = await upgraded();
		copy.write(`migrations/${later}.ts`, addsLater);
		renameSync(join(copy.path, 'migrations', `${city}.ts`), join(copy.path, 'models', 'away'));
		expect(JSON.parse((await copy.lite('status', '--json')).stdout)).toMatchObject({missing: [city]});
		expect(JSON.parse((await copy.lite('check', '--json')).stdout).problems).toContainEqual(
			expect.objectContaining({kind: 'missing', items: [city]}),
		);
		const before = stateOf(copy.file).contents;
		expect(await copy.lite('upgrade')).toMatchObject({
			code: 3,
			stderr: expect.stringContaining(`│ missing: ${city}\n  nothing was written: app.db is at ${city}\n`),
		});
		expect((await copy.lite('upgrade', '--yes')).code).toBe(3);
		expect(await copy.lite('downgrade')).toMatchObject({
			code: 1,
			stderr: expect.stringMatching(new RegExp(`^✗ ${city} cannot be undone: its file is missing\n`)),
		});
		expectWhole(copy.file, {before});
		renameSync(join(copy.path, 'models', 'away'), join(copy.path, 'migrations', `${city}.ts`));
		expect(await copy.lite('upgrade')).toMatchObject({code: 0, stderr: ''});
	});
});

const malformed: Readonly<Record<string, {readonly file: string; readonly text: string; readonly message: RegExp; readonly line?: number}>> = {
	'SQL that is cut off': {file: `${later}.sql`, text: "-- upgrade\nINSERT INTO log VALUES ('x;\n", message: /./, line: 2},
	'SQL with a stray byte': {file: `${later}.sql`, text: '-- upgrade\n\nSELECT \u0001;\n', message: /./, line: 3},
	'SQL with two upgrade sections': {
		file: `${later}.sql`,
		text: '-- upgrade\nSELECT 1;\n-- upgrade\nSELECT 2;\n',
		message: /^-- upgrade appears twice$/,
		line: 3,
	},
	'SQL that attaches a database': {
		file: `${later}.sql`,
		text: "-- upgrade\nATTACH 'other.db' AS other;\n",
		message: /^ATTACH: a migration can only change its own database$/,
		line: 2,
	},
	'SQL that begins a transaction': {
		file: `${later}.sql`,
		text: 'BEGIN;\nSELECT 1;\n',
		message: /^BEGIN: a migration already runs in a transaction$/,
		line: 1,
	},
	'a definition that is cut off': {
		file: `${later}.ts`,
		text: "export function upgrade(op) {\n\top.addColumn('log', 'x TEXT');\n\top.createTable(`CREATE TABLE t (\n\t\tid INTEGER,\n\t\tx TEXT CHECK\n\t)`);\n}\n",
		message: /./,
		line: 6,
	},
	'an invalid definition': {
		file: `${later}.ts`,
		text: "export function upgrade(op) {\n\top.createTable('CREATE TABLE (');\n}\n",
		message: /./,
		line: 2,
	},
	'an unknown operation': {
		file: `${later}.ts`,
		text: 'export function upgrade(op) {\n\top.dropDatabase();\n}\n',
		message: /dropDatabase is not a function/,
		line: 2,
	},
	'a missing argument': {
		file: `${later}.ts`,
		text: "export function upgrade(op) {\n\top.renameTable('log');\n}\n",
		message: /^op\.renameTable: the new name must be a string, not undefined$/,
		line: 2,
	},
	'TypeScript that Node cannot strip': {
		file: `${later}.ts`,
		text: 'enum A {a}\nexport function upgrade() {}\n',
		message: /^Node cannot strip this TypeScript/,
		line: 1,
	},
	'a name without a time': {file: 'later.ts', text: addsLater, message: /^later\.ts is not a migration: its name does not start with a time$/},
	'a second file with the same name': {file: `${price}.sql`, text: 'SELECT 1;\n', message: new RegExp(`^there are two migrations named ${price}$`)},
};

describe('a malformed migration stops the run before anything is written, and its location is reported', () => {
	test.each(Object.entries(malformed))('%s', async (_name, {file, text, message, line}) => {
		const copy = project.copy();
		copy.write(`migrations/${file}`, text);
		for (const argv of [
			['upgrade', '--json'],
			['upgrade', '--dry-run', '--json'],
		]) {
			const {code, stdout} = await copy.lite(...argv);
			const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
			expect({code, ...last}).toMatchObject({code: expect.anything(), type: 'failed', message: expect.stringMatching(message)});
			expect({argv, code, location: last.location}).toMatchObject({argv, code: 1, ...(line === undefined ? {} : {location: {line}})});
			if (argv.length === 2) expect(last.state).toMatch(/^nothing was written: app\.db (?:has no migrations applied|is unchanged)$/);
		}
		expectWhole(copy.file, {old: project.contents.old});
		expect(leftovers(copy.file)).toEqual([]);
		copy.remove(`migrations/${file}`);
		await expectUpgrade(copy, project);
	});
});
