import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';
import {expectWhole} from './database-state.ts';
import {expectUpgrade} from './expect-upgrade.ts';
import {type RewriteCopy, type RewriteProject, rewriteProject} from './rewrite-project.ts';
import {countMoments, isWholeRun, sampleOf, signalledAt} from './signalled.ts';

// Enough rows for a rewrite that keeps indexes.
const small = rewriteProject({rows: 12_000});
const large = rewriteProject({rows: 100_000});
const upgrade = ['upgrade', '--json'];

/**
 * Checks that the database is intact, that its backups contain the old state, and that a second run completes and leaves no stray files.
 * Returns the state that the first run left.
 */
async function expectRecovery(copy: RewriteCopy, project: RewriteProject): Promise<'old' | 'new'> {
	const {contents} = project;
	const found = expectWhole(copy.file, contents);
	for (const backup of backupsOf(copy)) expectWhole(backup, {old: contents.old});
	await expectUpgrade(copy, project);
	return found;
}

function backupsOf({path}: ProjectFolder): readonly string[] {
	const folder = join(path, 'backups');
	if (!existsSync(folder)) return [];
	return readdirSync(folder)
		.filter((name) => name.endsWith('.db') && !name.startsWith('.'))
		.map((name) => join(folder, name));
}

describe.each(['delete', 'wal'] as const)('kill −9 with journal_mode=%s', (journal) => {
	test.each([
		['event', 2],
		['statement', 3],
	] as const)(
		'at every %s of a run leaves the database intact, in its old or new state, and a rerun succeeds',
		async (moment, size) => {
			const count = await countMoments(small.copy(journal), moment, upgrade);
			const seen = new Set<string>();
			for (const number of sampleOf(count, size)) {
				const project = small.copy(journal);
				const {code, stderr} = await signalledAt(project, moment, number, 'SIGKILL', upgrade);
				expect({number, code, stderr}).toEqual({number, code: null, stderr: ''});
				seen.add(await expectRecovery(project, small));
			}
			expect([...seen].sort()).toEqual(['new', 'old']);
		},
		600_000,
	);

	test('at random moments of a rewrite of 100,000 rows leaves the database intact, in its old or new state, and a rerun succeeds', async () => {
		const moments = isWholeRun ? 25 : 4;
		const argv = isWholeRun ? upgrade : [...upgrade, '--no-backup'];
		const started = performance.now();
		expect((await large.copy(journal).builtLite(...argv)).code).toBe(0);
		const duration = performance.now() - started;
		for (let index = 0; index < moments; index++) {
			const project = large.copy(journal);
			const moment = ((index + Math.random()) * duration) / moments;
			await killedAfter(project, moment, argv);
			await expectRecovery(project, large);
		}
	}, 600_000);
});

async function killedAfter(project: ProjectFolder, milliseconds: number, argv: readonly string[]): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	await project.builtLiteWith(
		{
			onStart: (child) => {
				timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
			},
		},
		...argv,
	);
	clearTimeout(timer);
}

describe('kill −9 during a first upgrade with hundreds of changes, which takes rows out of the schema', () => {
	test('leaves an empty or a complete database, and a rerun succeeds', async () => {
		const tables = 90;
		const create = () => {
			const project = projectFolder({'migrate.toml': toml});
			for (let at = 0; at < tables; at++) {
				const table = `op.createTable('CREATE TABLE t${at} (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT UNIQUE)');`;
				project.migration(
					`20260101_${100000 + at}_table`,
					`${table} op.addColumn('t${at}', 'b TEXT'); op.createIndex('CREATE INDEX i${at} ON t${at} (b)');`,
				);
			}
			return project;
		};
		const stateOf = (project: ProjectFolder) =>
			project.database((db) => [db.value('PRAGMA integrity_check'), db.value("SELECT count(*) FROM sqlite_schema WHERE name GLOB '[ti][0-9]*'")]);
		const argv = ['upgrade', '--json', '--yes'];
		for (const number of sampleOf(await countMoments(create(), 'statement', argv), 5)) {
			const project = create();
			await signalledAt(project, 'statement', number, 'SIGKILL', argv);
			expect([
				['ok', 0],
				['ok', 2 * tables],
			]).toContainEqual(stateOf(project));
			expect((await project.builtLite(...argv)).code).toBe(0);
			expect(stateOf(project)).toEqual(['ok', 2 * tables]);
		}
	}, 600_000);
});
