import {existsSync} from 'node:fs';
import {DatabaseSync} from 'node:sqlite';
import {pathToFileURL} from 'node:url';
import {describe, expect, test} from 'vitest';
import {type ApplyEvent, type ApplyRequest, apply, folder} from '../../../../source/index.ts';
import type {Bundle} from '../../../../source/runtime.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {bundleOf} from '../../runtime/bundles.ts';

const project = projectForEachTest();

async function endOf(request: unknown): Promise<ApplyEvent | undefined> {
	let last: ApplyEvent | undefined;
	for await (const event of apply(request as ApplyRequest)) last = event;
	return last;
}

function writeMigrations(): void {
	project.migration('20260101_000000_user', "op.createTable('CREATE TABLE user (id INTEGER PRIMARY KEY, nick TEXT)');", "op.dropTable('user');");
}

const tables = () => project.all("SELECT name FROM sqlite_schema WHERE name = 'user'").length;

describe('a request of apply() is refused, and nothing is written, if', () => {
	const withFolder = () => ({database: project.file, migrations: folder(project.migrationsDir)});

	test.each<[string, () => object, string | RegExp]>([
		['the folder does not exist', () => ({database: project.file, migrations: folder(project.at('migratoins'))}), /migratoins does not exist$/],
		['migrationsDir does not exist', () => ({database: project.file, migrationsDir: project.at('none')}), /none does not exist$/],
		['no migrations are passed', () => ({database: project.file}), 'no migrations were passed'],
		['migrations is a path', () => ({database: project.file, migrations: project.migrationsDir}), 'migrations is a text'],
		[
			'migrations is a module',
			() => ({database: project.file, migrations: {migrations: {format: 1}}}),
			/^migrations is neither a folder nor a module/,
		],
		['both are passed', () => ({...withFolder(), migrationsDir: 'x'}), 'migrations and migrationsDir cannot be combined'],
		['an option is unknown', () => ({...withFolder(), dryrun: true}), 'apply has no option dryrun'],
		['the direction is unknown', () => ({...withFolder(), direction: 'up'}), "direction must be 'upgrade' or 'downgrade'"],
		['the driver is unknown', () => ({...withFolder(), driver: 'sqlite'}), "driver must be 'better-sqlite3' or 'node:sqlite'"],
		['backup is unknown', () => ({...withFolder(), backup: true}), "backup must be 'auto', 'always' or 'never'"],
		['wait is not a number', () => ({...withFolder(), wait: '5'}), 'wait must be a number of seconds'],
		['consent is a text', () => ({...withFolder(), consent: 'yes'}), 'consent must be true, false or a function'],
	])('%s', async (_name, request, message) => {
		writeMigrations();
		project.exec('CREATE TABLE other (x)');
		const end = await endOf(request());
		expect(end).toMatchObject({type: 'failed', code: expect.stringMatching(/^(usage|files)$/), message: expect.stringMatching(message)});
		expect(end).toMatchObject({hint: expect.stringMatching(/./), details: []});
		expect(tables()).toBe(0);
	});

	test('it is missing', async () => {
		expect(await endOf(undefined)).toMatchObject({type: 'failed', code: 'usage', message: 'no request was passed'});
	});

	test.each([{dryRun: true}, {direction: 'downgrade'}, {to: '20260101_000000_user'}, {steps: 1}, {backup: 'always'}, {signal: AbortSignal.abort()}])(
		'a bundle cannot do it: %j',
		async (option) => {
			writeMigrations();
			const migrations = await bundleOf(project.migrationsDir);
			const [name] = Object.keys(option);
			expect(await endOf({database: project.file, migrations, ...option})).toMatchObject({
				type: 'failed',
				code: 'usage',
				message: `${name} does not work with a module of lite-migr bundle`,
			});
			expect(existsSync(project.file)).toBe(false);
		},
	);

	test.each([{backup: 'always'}, {backupDir: 'x'}, {driver: 'node:sqlite'}])('an open connection cannot do it: %j', async (option) => {
		writeMigrations();
		const db = new DatabaseSync(':memory:');
		const [name] = Object.keys(option);
		expect(await endOf({database: db, migrations: folder(project.migrationsDir), ...option})).toMatchObject({
			type: 'failed',
			code: 'usage',
			message: `${name} does not work with an open connection`,
		});
		expect(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()).toEqual({n: 0});
		db.close();
	});
});

test('a dry run of a bundle does not compile', () => {
	const bundle = {} as Bundle;
	// @ts-expect-error a bundle cannot be tried
	const request: ApplyRequest = {database: 'app.db', migrations: bundle, dryRun: true};
	expect(request).toBeDefined();
});

test('the folder of the migrations can be a URL', async () => {
	writeMigrations();
	const url = pathToFileURL(project.migrationsDir);
	expect(folder(url.href)).toEqual(folder(url));
	expect(await endOf({database: project.file, migrations: folder(url)})).toMatchObject({type: 'done'});
	expect(tables()).toBe(1);
});

test('a downgrade needs no folder', async () => {
	writeMigrations();
	await endOf({database: project.file, migrationsDir: project.migrationsDir});
	const request = {database: project.file, migrationsDir: project.at('none'), direction: 'downgrade', consent: true, acceptEdited: true};
	expect(await endOf(request)).toMatchObject({type: 'done', direction: 'downgrade'});
	expect(tables()).toBe(0);
});

describe('the function consent', () => {
	async function endWith(consent: unknown, kind: string): Promise<ApplyEvent | undefined> {
		writeMigrations();
		await endOf({database: project.file, migrationsDir: project.migrationsDir});
		project.exec("INSERT OR IGNORE INTO user VALUES (1, 'a')");
		project.migration('20260102_000000_nick', "op.dropColumn('user', 'nick');");
		const migrations = kind === 'bundle' ? await bundleOf(project.migrationsDir) : folder(project.migrationsDir);
		return await endOf({database: project.file, migrations, consent});
	}
	const nicks = () => project.all('SELECT * FROM user');

	test.each(['folder', 'bundle'])('consents only with true, not with the result of a dialog (%s)', async (kind) => {
		expect(await endWith(async () => ({response: 1}), kind)).toMatchObject({type: 'failed', code: 'answerNeeded'});
		expect(nicks()).toEqual([{id: 1, nick: 'a'}]);
		expect(await endWith(async () => true, kind)).toMatchObject({type: 'done'});
		expect(nicks()).toEqual([{id: 1}]);
	});

	test.each(['folder', 'bundle'])('is reported if it throws, and not as a bug in lite-migr (%s)', async (kind) => {
		const fails = () => {
			throw new Error('no window');
		};
		expect(await endWith(fails, kind)).toMatchObject({
			type: 'failed',
			code: 'answerNeeded',
			message: 'the function consent failed: no window',
			details: [],
			hint: 'correct the function',
		});
		expect(nicks()).toEqual([{id: 1, nick: 'a'}]);
	});
});
