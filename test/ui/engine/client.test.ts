import {describe, expect, onTestFinished, test} from 'vitest';
import {noDecisions} from '../../../source/core/diff/question.ts';
import type {ApplyEvent} from '../../../source/core/migrations/event.ts';
import {type Engine, startEngine} from '../../../source/ui/engine/client.ts';
import {type ProjectFolder, projectFolder, toml} from '../../project-folder.ts';

const entry = new URL('../../../source/ui/engine-worker.ts', import.meta.url);

function engineFor(folder: ProjectFolder): Engine {
	const engine = startEngine(entry, {cwd: folder.path, config: undefined, db: undefined, format: undefined});
	onTestFinished(async () => {
		await engine.close();
	});
	return engine;
}

const project = (): ProjectFolder =>
	projectFolder({
		'migrate.toml': toml,
		'models/schema.sql': 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);',
		'migrations/20260101_000000_start.sql': '-- upgrade\nCREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);\n',
	});

describe('the engine in its thread', () => {
	test('answers several calls at a time', async () => {
		const {services} = engineFor(project());
		const [overview, history, draft] = await Promise.all([services.overview(), services.history(), services.draft(noDecisions)]);
		expect(overview).toMatchObject({exists: false, pending: ['20260101_000000_start'], database: 'app.db'});
		expect(history).toMatchObject([{state: 'pending'}]);
		expect(draft.questions).toEqual([]);
	});

	test('runs migrations, and reports events as they happen', async () => {
		const folder = project();
		const types: string[] = [];
		for await (const event of engineFor(folder).services.run({direction: 'upgrade'}, new AbortController().signal)) types.push(event.type);
		expect(types).toEqual(expect.arrayContaining(['start', 'preflight', 'migrationStart', 'stepStart', 'stepDone', 'migrationDone', 'done']));
		expect(folder.database((db) => db.value('SELECT count(*) FROM _lite_migr'))).toBe(1);
	});

	test('passes on an error unchanged', async () => {
		const folder = project();
		folder.write('models/schema.sql', 'CREATE TABEL user (id);');
		await expect(engineFor(folder).services.draft(noDecisions)).rejects.toMatchObject({name: 'MigrError', code: 'model', location: {line: 1}});
	});

	test('forgets a lock with the call that waited for it in vain', async () => {
		const folder = project();
		folder.write('migrate.toml', `${toml}wait = 1\n`);
		folder.exec('CREATE TABLE a (b)');
		const {services, awaitedLock} = engineFor(folder);
		await services.overview();
		const other = folder.open();
		other.exec('BEGIN EXCLUSIVE');
		const refused = services.overview();
		await expect.poll(awaitedLock, {interval: 10}).toMatchObject({seconds: 1});
		await expect(refused).rejects.toMatchObject({code: 'locked'});
		other.close();
		const next = services.overview();
		expect(awaitedLock()).toBeUndefined();
		await next;
	});

	test('stops a rewrite after the current batch if aborted, and rolls back', async () => {
		const folder = projectFolder({
			'migrate.toml': toml,
			'migrations/20260102_000000_big.sql': '-- upgrade\nSELECT 1;\n',
			'migrations/20260103_000000_big.ts': `export function upgrade(op) { op.changeTable('big', 'CREATE TABLE big (id INTEGER PRIMARY KEY, t TEXT COLLATE NOCASE)'); }`,
		});
		folder.database((db) =>
			db.exec(
				'CREATE TABLE big (id INTEGER PRIMARY KEY, t TEXT); WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 100000) INSERT INTO big SELECT i, i FROM i',
			),
		);
		const abort = new AbortController();
		let last: ApplyEvent | undefined;
		for await (const event of engineFor(folder).services.run({direction: 'upgrade'}, abort.signal)) {
			if (event.type === 'progress') abort.abort();
			last = event;
		}
		expect(last).toMatchObject({type: 'failed', code: 'cancelled'});
		expect(folder.database((db) => db.value("SELECT sql FROM sqlite_schema WHERE name = 'big'"))).toBe(
			'CREATE TABLE big (id INTEGER PRIMARY KEY, t TEXT)',
		);
	});

	test('ends a run that would lose data without consent before anything is written', async () => {
		const folder = project();
		folder.database((db) => db.exec('CREATE TABLE log (x); INSERT INTO log VALUES (1)'));
		folder.write('migrations/20260102_000000_drop.sql', '-- upgrade\nDROP TABLE log;\n');
		const {services} = engineFor(folder);
		let last: ApplyEvent | undefined;
		for await (const event of services.run({direction: 'upgrade'}, new AbortController().signal)) last = event;
		expect(last).toMatchObject({type: 'failed', code: 'answerNeeded'});
		const {id} = await services.preflight({direction: 'upgrade'});
		for await (const event of services.run({direction: 'upgrade', plan: id ?? ''}, new AbortController().signal)) last = event;
		expect(last).toMatchObject({type: 'done'});
	});

	test('rejects pending calls if the thread ends', async () => {
		const folder = project();
		folder.write('models/end.ts', 'process.exit(7);');
		await expect(engineFor(folder).services.draft(noDecisions)).rejects.toThrow(/ended with 7|exit/);
	});
});
