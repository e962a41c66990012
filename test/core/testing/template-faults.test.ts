import {execFileSync, spawnSync} from 'node:child_process';
import {mkdirSync, readdirSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {beforeAll, expect, onTestFinished, test} from 'vitest';
import {builtBin} from '../../cli/built-bin.ts';
import {type TestProject, testProject} from './test-project.ts';

// Scripts run the built package, and building takes longer than a test may.
beforeAll(() => void builtBin(), 120_000);

/** A migration that writes `x` into a file each time it runs, and can kill its process. */
const counting = {
	'migrations/0001_a.ts': `import {appendFileSync} from 'node:fs';
export function upgrade(op) {
	op.execute('CREATE TABLE a (x)');
	op.run(({db}) => {
		appendFileSync('runs', 'x');
		if (process.env.KILL === 'build') process.kill(process.pid, 'SIGKILL');
		db.exec('INSERT INTO a VALUES (1)');
	});
}
`,
};
const print = "console.log((await migratedDatabase()).prepare('SELECT count(*) FROM a').pluck().get());";

test('a process that is killed while it builds a template does not stop the next one', async () => {
	const project = testProject(counting);
	await expect(project.script(print, {KILL: 'build'})).rejects.toThrow('ended with null');
	expect(await project.script(print)).toBe('1\n');
	expect(readdirSync(project.store).filter((name) => !name.endsWith('.template'))).toEqual([]);
	expect(project.read('runs')).toBe('xx');
});

test('processes that are killed at any moment leave a template that is complete or ignored', async () => {
	const project = testProject(counting);
	const killAfter = (milliseconds: number) =>
		`setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${milliseconds});\nfor (;;) { await migratedDatabase(); await new Promise(setImmediate); }`;
	for (const milliseconds of [1, 20, 40, 60, 90, 130]) {
		await expect(project.script(killAfter(milliseconds))).rejects.toThrow('ended with null');
		expect(await project.script(print)).toBe('1\n');
	}
});

test('a disk that is too small for the template makes every process build it, and is not an error', async (context) => {
	const project = testProject(counting);
	mkdirSync(project.store, {recursive: true});
	const mounted = process.platform === 'linux' ? spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', project.store]) : undefined;
	if (mounted?.status !== 0) context.skip('cannot mount a small disk here: this needs root on Linux');
	onTestFinished(() => void execFileSync('umount', ['-l', project.store]));
	for (const runs of ['x', 'xx']) {
		expect(await project.script(print)).toBe('1\n');
		expect(project.read('runs')).toBe(runs);
		expect(readdirSync(project.store)).toEqual([]);
	}
});

test('a folder for templates that is read-only is not used', async (context) => {
	const project = testProject(counting);
	mkdirSync(project.store, {recursive: true});
	mkdirSync(project.at('temporary'));
	const mounted = process.platform === 'linux' ? spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', project.store]) : undefined;
	if (mounted?.status !== 0) context.skip('cannot mount a read-only disk here: this needs root on Linux');
	onTestFinished(() => void execFileSync('umount', ['-l', project.store]));
	for (let time = 0; time < 2; time++) expect(await project.script(print, {TMPDIR: project.at('temporary')})).toBe('1\n');
	expect(project.read('runs')).toBe('x');
});

/** Replaces the migration atomically, as editors and version control do. */
function replaceMigration(project: TestProject, generation: number): void {
	const text = `CREATE TABLE a (x);\nINSERT INTO a VALUES (${generation});\nCREATE TABLE generation_${generation} (x);\n`;
	writeFileSync(project.at('next.sql'), text);
	renameSync(project.at('next.sql'), join(project.migrationsDir, '0001_a.sql'));
}

test('six processes see each edit of a migration, and never a mix of two', {timeout: 120_000}, async () => {
	const project = testProject({'migrations/0001_a.sql': ''});
	replaceMigration(project, 1);
	const last = 8;
	const script = `
		let seen = 0;
		while (seen < ${last}) {
			let db;
			try {
				db = await migratedDatabase();
			} catch (error) {
				// Three edits during one build.
				if (error.message.includes('changed while it was built')) continue;
				throw error;
			}
			const generation = db.prepare('SELECT x FROM a').pluck().get();
			const table = db.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'generation%'").pluck().get();
			db.close();
			if (generation < seen || table !== 'generation_' + generation) throw new Error(seen + ' ' + generation + ' ' + table);
			seen = generation;
			await new Promise((resolve) => setTimeout(resolve, 2));
		}
		console.log('last');`;
	const running = Promise.all(Array.from({length: 6}, () => project.script(script)));
	let isOver = false;
	void running.then(
		() => {
			isOver = true;
		},
		() => {
			isOver = true;
		},
	);
	for (let generation = 2; generation <= last && !isOver; generation++) {
		await new Promise((resolve) => setTimeout(resolve, 150));
		replaceMigration(project, generation);
	}
	expect(await running).toEqual(Array.from({length: 6}, () => 'last\n'));
});
