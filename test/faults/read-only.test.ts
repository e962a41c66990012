import {execFileSync, spawnSync} from 'node:child_process';
import {chmodSync, chownSync, readdirSync} from 'node:fs';
import {describe, expect, onTestFinished, type TestContext, test} from 'vitest';
import {builtBin, type Finished} from '../cli/built-bin.ts';
import {digestOf, leftovers} from './database-state.ts';
import {expectUpgrade} from './expect-upgrade.ts';
import {type RewriteCopy, rewriteProject} from './rewrite-project.ts';
import {through} from './through.ts';

const project = rewriteProject({rows: 500});
const nobody = 65_534;
const isRoot = process.getuid?.() === 0;

/** Runs the command as a user subject to file permissions, since root ignores them. Skips the test if that is not possible. */
async function asPlainUser(context: TestContext, copy: RewriteCopy, ...argv: readonly string[]): Promise<Finished> {
	if (process.platform === 'win32') context.skip('file permissions work differently on Windows');
	if (!isRoot) return await copy.lite(...argv);
	const wrapper = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'] as const;
	const probe = spawnSync(wrapper[0], [...wrapper.slice(1), process.execPath, builtBin(), '--version']);
	if (probe.status !== 0) context.skip('running as root, and no other user can run the command here');
	return await through(copy.path, [...wrapper], ...argv);
}

/** Makes the user who will run the command the owner of the project. */
function owned(copy: RewriteCopy): RewriteCopy {
	if (!isRoot) return copy;
	for (const name of ['', ...readdirSync(copy.path, {recursive: true, encoding: 'utf8'})]) chownSync(`${copy.path}/${name}`, nobody, nobody);
	return copy;
}

describe('a read-only file', () => {
	test('is reported and left byte for byte unchanged; commands that only read still work', async (context) => {
		const copy = owned(project.copy());
		chmodSync(copy.file, 0o444);
		const before = digestOf(copy.file);
		const {code, stderr} = await asPlainUser(context, copy, 'upgrade');
		expect({code, stderr}).toEqual({
			code: 1,
			stderr: '✗ app.db is read-only\n  nothing was written: app.db is unchanged\n  give this user write permission for app.db\n',
		});
		for (const command of ['status', 'check', 'diff']) {
			expect((await asPlainUser(context, copy, command)).stderr).not.toContain('read-only');
		}
		expect(digestOf(copy.file)).toBe(before);
		expect(leftovers(copy.file)).toEqual([]);
		chmodSync(copy.file, 0o644);
		await expectUpgrade(copy, project);
	});

	test('that is immutable (chattr +i) is reported as read-only', async (context) => {
		const copy = project.copy();
		if (spawnSync('chattr', ['+i', copy.file]).status !== 0) context.skip('cannot make a file immutable here: this needs root and chattr');
		const release = () => execFileSync('chattr', ['-i', copy.file]);
		onTestFinished(() => void release());
		const {code, stderr} = await copy.lite('upgrade');
		expect({code, stderr}).toMatchObject({
			code: 1,
			stderr: expect.stringMatching(/^✗ app\.db is read-only\n {2}nothing was written: app\.db is unchanged\n/),
		});
		release();
		await expectUpgrade(copy, project);
	});
});

describe('a read-only folder', () => {
	test.for(['delete', 'wal'] as const)('is reported before the run starts (journal_mode=%s)', async (journal, context) => {
		const copy = owned(project.copy(journal));
		chmodSync(copy.path, 0o555);
		onTestFinished(() => chmodSync(copy.path, 0o755));
		const before = digestOf(copy.file);
		const {code, stderr} = await asPlainUser(context, copy, 'upgrade');
		expect({code, stderr}).toMatchObject({
			code: 1,
			stderr: expect.stringMatching(
				/^✗ the folder \S+ is read-only, but SQLite needs to create its journal in the same folder as the database\n {2}nothing was written: app\.db is unchanged\n/,
			),
		});
		expect(digestOf(copy.file)).toBe(before);
		// In WAL mode, even reading needs a file next to the database.
		const status = await asPlainUser(context, copy, 'status');
		if (journal === 'delete') expect(status).toMatchObject({code: 0, stderr: ''});
		else expect(status).toMatchObject({code: 1, stderr: expect.stringMatching(/^✗ the folder \S+ is read-only/)});
		chmodSync(copy.path, 0o755);
		await expectUpgrade(copy, project);
	});
});

describe('an unreadable file', () => {
	test('is reported by every command', async (context) => {
		const copy = owned(project.copy());
		chmodSync(copy.file, 0);
		for (const command of ['upgrade', 'status', 'check', 'diff', 'pull']) {
			const {code, stderr} = await asPlainUser(context, copy, command);
			expect({command, code, stderr}).toMatchObject({command, code: 1, stderr: expect.stringMatching(/^✗ no permission to read app\.db\n/)});
		}
		chmodSync(copy.file, 0o644);
		await expectUpgrade(copy, project);
	});
});
