import {spawnSync} from 'node:child_process';
import {symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {spawn} from '@lydell/node-pty';
import {describe, expect, test} from 'vitest';
import {quoted} from '../../../source/core/schema/identifiers.ts';
import {builtBin, type Finished} from '../../cli/built-bin.ts';
import {type ProjectFolder, projectFolder, toml} from '../../project-folder.ts';

/** Names that mean something to SQL, to a shell, to TypeScript, to TOML or to a terminal. */
const names: Readonly<Record<string, string>> = {
	double: 'a"b""c',
	single: "it's '' x",
	backtick: 'a`b${process.exit(7)}',
	backslash: 'a\\b\\n\\u0041',
	newline: 'two\nlines\r\nthree',
	escape: '\x1b[31mred\x1b[2J\x1b]0;title\x07',
	control: 'a\x01\x08\x7f\x9b31m',
	bidi: 'abc\u202egnp\u2066',
	keyword: 'select',
	words: 'drop table item; --',
	comment: '/* x */ -- y',
	emoji: '👩‍👧 ünïcödé 表',
	long: 'n'.repeat(200),
	dots: 'a.b=c,d',
	brackets: '[x] (y) {z}',
	path: '../../x',
	flag: '--drop',
	dollar: '$HOME $(touch hacked) `touch hacked`',
	percent: '%s %d %n 100%',
	proto: '__proto__',
	number: '007',
	spaces: '  x  ',
	empty: 'x\t',
};

const hasBash = spawnSync('bash', ['--version']).status === 0;

const hostile = Object.entries(names);

/** Control characters a terminal acts on, except newlines and tabs, and characters that change the direction of text. */
const dangerous = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

function model(type: string): string {
	return hostile
		.map(([, name], index) => {
			const [table, column] = [quoted(name), quoted(`${name} c`)];
			return `CREATE TABLE ${table} (${quoted(`${name} id`)} INTEGER PRIMARY KEY, ${column} ${type}, ${quoted(name)} TEXT);
CREATE INDEX ${quoted(`${name} i`)} ON ${table} (${column});
CREATE VIEW ${quoted(`${name} v`)} AS SELECT ${column} FROM ${table};
CREATE TRIGGER ${quoted(`${name} t`)} AFTER DELETE ON ${table} BEGIN SELECT ${index}; END;`;
		})
		.join('\n');
}

function insertRows(project: ProjectFolder): void {
	project.database((db) => {
		for (const [, name] of hostile) db.run(`INSERT INTO ${quoted(name)} VALUES (1, '1', ?), (2, '007', ?)`, name, name);
	});
}

function countRows(project: ProjectFolder): number {
	return project.database((db) => hostile.reduce((sum, [, name]) => sum + Number(db.value(`SELECT count(*) FROM ${quoted(name)}`)), 0));
}

/** Runs a command with text and with JSON output, and checks that both are harmless. */
async function both(project: ProjectFolder, code: number, ...argv: readonly string[]): Promise<{readonly text: Finished; readonly json: unknown}> {
	const json = await project.lite(...argv, '--json');
	expectHarmless(json, argv);
	const parsed = json.stdout
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));
	const text = await project.lite(...argv);
	expectHarmless(text, argv);
	expect({argv, code: text.code, stderr: code === 0 ? text.stderr : ''}).toEqual({argv, code, stderr: ''});
	return {text, json: parsed.length === 1 ? parsed[0] : parsed};
}

function expectHarmless({stdout, stderr}: Finished, argv: readonly string[]): void {
	for (const output of [stdout, stderr]) {
		const found = dangerous.exec(output);
		expect({argv, near: found && JSON.stringify(output.slice(Math.max(0, found.index - 60), found.index + 20))}).toEqual({argv, near: null});
	}
}

/** Returns everything a command writes to a terminal. */
function onTerminal(project: ProjectFolder, argv: readonly string[]): Promise<string> {
	return new Promise((resolve) => {
		let output = '';
		const terminal = spawn(process.execPath, [builtBin(), ...argv], {
			cwd: project.path,
			cols: 250,
			rows: 50,
			env: {...process.env, LC_ALL: 'C.UTF-8'},
		});
		terminal.onData((text) => {
			output += text;
		});
		terminal.onExit(() => resolve(output));
	});
}

describe('names with quotes, newlines, escape sequences, keywords, emoji and 200 characters', () => {
	test('work in create, diff, upgrade, status, check, downgrade, squash and restore, as text and as JSON', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': model('TEXT'), 'migrations/.keep': ''});
		await both(project, 0, 'diff');
		expect(await project.lite('create', 'start')).toMatchObject({code: 0, stderr: ''});
		await both(project, 0, 'upgrade', '--dry-run');
		expectHarmless(await project.lite('upgrade'), ['upgrade']);
		insertRows(project);
		await both(project, 0, 'status');

		project.write('models/schema.sql', model('INTEGER'));
		await both(project, 4, 'check');
		const {json} = await both(project, 0, 'diff');
		expect(json).toMatchObject({questions: [], findings: hostile.map(() => ({kind: 'convert', rows: 1}))});
		const created = await project.lite('create', 'numbers', '--json');
		expectHarmless(created, ['create']);
		expect(JSON.parse(created.stdout).operations).toHaveLength(hostile.length);
		await both(project, 3, 'upgrade');
		await both(project, 0, 'upgrade', '--dry-run');
		const done = await project.lite('upgrade', '--yes');
		expectHarmless(done, ['upgrade']);
		expect(done).toMatchObject({code: 0, stderr: ''});
		expect(countRows(project)).toBe(2 * hostile.length);
		await both(project, 0, 'check');
		await both(project, 0, 'restore');
		const [backup = ''] = project.files('backups');
		await both(project, 3, 'restore', backup);
		await both(project, 0, 'restore', backup, '--yes');
		expectHarmless(await project.lite('upgrade', '--yes'), ['upgrade']);
		await both(project, 0, 'downgrade', '--dry-run');
		const down = await project.lite('downgrade', '--yes');
		expectHarmless(down, ['downgrade']);
		expect(down).toMatchObject({code: 0, stderr: ''});
		expectHarmless(await project.lite('upgrade', '--yes'), ['upgrade']);
		expect(countRows(project)).toBe(2 * hostile.length);
		const squashed = await project.lite('squash', 'all', '--json');
		expectHarmless(squashed, ['squash']);
		expect(squashed).toMatchObject({code: 0, stderr: ''});
		await both(project, 0, 'check');
	}, 120_000);

	test.each(['ts', 'sql', 'drizzle'])(
		'are pulled as models that create the same objects (%s)',
		async (format) => {
			const project = projectFolder({'migrate.toml': toml, 'migrations/.keep': ''});
			symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(project.path, 'node_modules'));
			project.database((db) => db.exec(model('TEXT')));
			expectHarmless(await project.lite('pull', '--format', format, '--dry-run', '--json'), ['pull']);
			const pulled = await project.lite('pull', '--format', format);
			expectHarmless(pulled, ['pull']);
			expect(pulled).toMatchObject({code: 0, stderr: ''});
			const adopted = await project.lite('baseline', 'start', ...(format === 'sql' ? ['--json'] : []));
			expectHarmless(adopted, ['baseline']);
			expect(adopted).toMatchObject({code: 0, stderr: ''});
			if (format !== 'drizzle') await both(project, 0, 'check');
		},
		60_000,
	);

	test.each(['upgrade --sql', 'pull --dry-run --format sql', 'pull --dry-run --format ts'])(
		'are printed byte for byte to a pipe, and without control characters to a terminal (%s)',
		async (command) => {
			const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': '', 'migrations/20260101_000000_start.sql': model('INTEGER')});
			if (command.startsWith('pull')) project.database((db) => db.exec(model('TEXT')));
			const piped = await project.lite(...command.split(' '));
			expect(piped.code).toBe(0);
			if (command.endsWith('sql')) expect(piped.stdout).toContain(quoted(names.escape ?? ''));
			const shown = await onTerminal(project, [...command.split(' '), '--no-color']);
			expect(shown).toContain('emoji' in names ? names.emoji : '');
			expect(dangerous.exec(shown.replaceAll('\r\n', '\n'))).toBe(null);
		},
	);

	// The flags use $'…' for control characters, which bash reads.
	test.runIf(hasBash)('are quoted in the flags of a question, so a shell passes them on unchanged', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': '', 'migrations/.keep': ''});
		project.database((db) => db.exec(model('TEXT')));
		// The values are shown as samples.
		insertRows(project);
		expect(await project.lite('create', 'gone', ...shellWords(project, await flagsOf(project, '--drop')))).toMatchObject({code: 0, stderr: ''});
		await both(project, 3, 'upgrade');
		expect(await project.lite('upgrade', '--yes')).toMatchObject({code: 0, stderr: ''});
		expect(project.database((db) => db.value("SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE '%lite%'"))).toBe(0);
	});

	test.runIf(hasBash)('are renamed by the flags of a question, with their values', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': model('TEXT').replaceAll(' c"', ' the c"'), 'migrations/.keep': ''});
		project.database((db) => db.exec(model('TEXT')));
		insertRows(project);
		const flags = [...(await flagsOf(project, '--rename')), '--allow-drops'];
		expect(await project.lite('create', 'renamed', ...shellWords(project, flags))).toMatchObject({code: 0, stderr: ''});
		const done = await project.lite('upgrade', '--yes');
		expectHarmless(done, ['upgrade']);
		expect(done).toMatchObject({code: 0, stderr: ''});
		for (const [, name] of hostile) {
			expect(project.database((db) => db.all(`SELECT ${quoted(`${name} the c`)} AS v FROM ${quoted(name)} ORDER BY rowid`))).toEqual([
				{v: '1'},
				{v: '007'},
			]);
		}
	});

	test.runIf(hasBash)('are quoted in the suggested fixes, so a shell does not act on them', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': model('INTEGER'), 'migrations/.keep': ''});
		project.database((db) => db.exec(model('TEXT')));
		insertRows(project);
		const {findings} = JSON.parse((await project.lite('diff', '--json')).stdout) as {
			readonly findings: readonly {readonly fixes: readonly string[]}[];
		};
		const flags = findings.map(({fixes: [way = '']}) => way.slice(way.indexOf('--fill')));
		expect(flags).toHaveLength(hostile.length);
		expect(await project.lite('create', 'fixed', ...shellWords(project, flags.slice(0, 1)))).toMatchObject({
			code: 2,
			stderr: expect.stringContaining('the expression is missing'),
		});
		const given = flags.map((flag) => flag.replace('<SQL expression>', '7'));
		expect(await project.lite('create', 'fixed', ...shellWords(project, given))).toMatchObject({code: 0, stderr: ''});
		expect(await project.lite('upgrade', '--yes')).toMatchObject({code: 0, stderr: ''});
		expect(countRows(project)).toBe(2 * hostile.length);
	});
});

/** Returns the first flag of each question that starts with `kind`. */
async function flagsOf(project: ProjectFolder, kind: string): Promise<readonly string[]> {
	const {json} = await both(project, 3, 'diff');
	const {questions} = json as {readonly questions: readonly {readonly flags: readonly string[]}[]};
	const flags = questions.flatMap((question) => question.flags.find((flag) => flag.startsWith(kind)) ?? []);
	expect(flags.length).toBeGreaterThanOrEqual(hostile.length);
	return flags;
}

/** Returns the arguments a shell reads from flags, and checks that it runs nothing. */
function shellWords(project: ProjectFolder, flags: readonly string[]): readonly string[] {
	const {stdout, stderr} = spawnSync('bash', ['-c', `printf '%s\\0' ${flags.join(' ')}`], {encoding: 'utf8', cwd: project.path});
	expect(stderr).toBe('');
	expect(project.files('.')).not.toContain('hacked');
	return stdout.split('\0').slice(0, -1);
}
