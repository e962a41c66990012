import {once} from 'node:events';
import {mkdirSync, readdirSync, rmSync, watch} from 'node:fs';
import {Worker} from 'node:worker_threads';
import {describe, expect, onTestFinished, test} from 'vitest';
import {createMigrationFile} from '../../source/core/migrations/files/create-file.ts';
import {projectFolder, toml} from '../project-folder.ts';
import {type DatabaseState, expectWhole, leftovers, stateOf} from './database-state.ts';
import {rewriteProject} from './rewrite-project.ts';

const project = rewriteProject({rows: 3000});
const eight = Array.from({length: 8});
const upgrade = ['upgrade', '--json', '--wait', '600'];

function ends(outputs: readonly {readonly stdout: string}[]): readonly {readonly type: string; readonly applied: readonly unknown[]}[] {
	return outputs.map(({stdout}) => JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}

describe('eight upgrades at once', () => {
	test.each(['delete', 'wal'] as const)('apply everything once, take one backup, and all succeed (journal_mode=%s)', async (journal) => {
		const copy = project.copy(journal);
		const runs = await Promise.all(eight.map(() => copy.builtLite(...upgrade)));
		expect(runs.map(({code, stderr}) => ({code, stderr}))).toEqual(eight.map(() => ({code: 0, stderr: ''})));
		expect(
			ends(runs)
				.map(({type, applied}) => `${type} ${applied.length}`)
				.sort(),
		).toEqual(['done 0', 'done 0', 'done 0', 'done 0', 'done 0', 'done 0', 'done 0', 'done 2']);
		expectWhole(copy.file, {new: project.contents.new});
		expect(leftovers(copy.file)).toEqual([]);
		expect(copy.files('backups')).toHaveLength(1);
	});

	test.each([true, false])('create a new database only once (transaction = %s)', async (transaction) => {
		const copy = project.copy();
		rmSync(copy.file);
		copy.remove('migrations/20260102_000000_city.ts');
		copy.write(
			'migrations/20260101_000000_price.ts',
			`export const transaction = ${transaction};
			export function upgrade(op) {
				op.createTable('CREATE TABLE t (x)');
				op.execute('INSERT INTO t VALUES (1)');
				${transaction ? '' : 'op.run(() => new Promise((resolve) => setTimeout(resolve, 400)));'}
			}`,
		);
		const runs = await Promise.all(eight.map(() => copy.builtLite(...upgrade)));
		expect(runs.map(({code, stderr}) => ({code, stderr}))).toEqual(eight.map(() => ({code: 0, stderr: ''})));
		const state: DatabaseState = stateOf(copy.file);
		expect(state.damage).toEqual([]);
		expect(state.contents).toContain('t: 1 rows');
		expect(state.contents).toContain('_lite_migr: 1 rows');
		expect(leftovers(copy.file)).toEqual([]);
	});
});

/** Returns the names of all migrations that appear in a folder during the test, even for a moment. */
function namesEverIn(directory: string): ReadonlySet<string> {
	mkdirSync(directory, {recursive: true});
	const names = new Set<string>();
	const watcher = watch(directory, (_, name) => void (name !== null && /^\d/.test(name) && names.add(name)));
	onTestFinished(() => watcher.close());
	return names;
}

describe('four at once', () => {
	const four = Array.from({length: 4});
	const copied = () => {
		const folder = projectFolder({'migrate.toml': toml});
		folder.exec('CREATE TABLE note (id INTEGER PRIMARY KEY, n)');
		return folder;
	};

	test('adopt a database once, and write one file', async () => {
		const folder = copied();
		const names = namesEverIn(folder.migrationsDir);
		const runs = await Promise.all(four.map(() => folder.builtLite('baseline', 'start')));
		expect(runs.map(({code}) => code).sort()).toEqual([0, 1, 1, 1]);
		const [file = '', ...others] = folder.files('migrations');
		expect(others).toEqual([]);
		expect(folder.all('SELECT name FROM _lite_migr')).toEqual([{name: file.replace('.ts', '')}]);
		expect([...names]).toEqual([file]);
	});

	test('create the same changes once', async () => {
		const folder = copied();
		folder.write('models/schema.sql', 'CREATE TABLE note (id INTEGER PRIMARY KEY, n); CREATE TABLE more (x);');
		expect((await folder.builtLite('baseline', 'start')).code).toBe(0);
		const start = folder.files('migrations');
		const names = namesEverIn(folder.migrationsDir);
		const runs = await Promise.all(four.map(() => folder.builtLite('create', 'more')));
		// One that starts after another has ended finds no difference.
		expect(runs.every(({code, stderr}) => code === 0 || stderr.includes('another process wrote the migration'))).toBe(true);
		expect(folder.files('migrations')).toEqual([...start, ...names]);
		expect(names.size).toBe(1);
	});
});

test('a migration is not written if a new one has appeared that it was not written for', () => {
	const folder = projectFolder({'migrations/20260101_000000_a.sql': '', 'migrations/20260102_000000_b.sql': ''});
	const file = {directory: folder.migrationsDir, format: 'ts', text: '// text'} as const;
	const request = {name: 'c', now: new Date('2026-01-03T00:00:00Z')};
	expect(() => createMigrationFile(file, {...request, seen: ['20260101_000000_a']})).toThrow(
		'another process wrote the migration 20260102_000000_b in the meantime, so this one was not written',
	);
	expect(folder.files('migrations')).toHaveLength(2);
	expect(createMigrationFile(file, {...request, seen: ['20260101_000000_a', '20260102_000000_b']}).name).toBe('20260103_000000_c');
});

test('of two migrations that are created at the same moment, one never has a name that a run could read', async () => {
	const names = ['a', 'b'];
	const folders = Array.from({length: 50}, (_, round) => projectFolder().at(`migrations${round}`));
	const everIn = folders.map(namesEverIn);
	const gate = new Int32Array(new SharedArrayBuffer(4 * folders.length));
	const results = await Promise.all(
		names.map(async (name) => {
			const worker = new Worker(new URL('./create-worker.ts', import.meta.url), {workerData: {folders, threads: names.length, gate, name}});
			const [created] = await once(worker, 'message');
			await worker.terminate();
			return created as readonly string[];
		}),
	);
	for (const [round, folder] of folders.entries()) {
		const [file = '', ...others] = readdirSync(folder);
		expect(others).toEqual([]);
		const created = results.map((result) => result[round] ?? '').sort();
		expect(created).toEqual([file.replace('.sql', ''), expect.stringContaining('another process wrote the migration')]);
		expect([...(everIn[round] ?? [])]).toEqual([file]);
	}
});
