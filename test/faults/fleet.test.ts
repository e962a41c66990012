import {execFileSync, spawnSync} from 'node:child_process';
import {copyFileSync, readFileSync, truncateSync, writeFileSync} from 'node:fs';
import {expect, onTestFinished, test} from 'vitest';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {type FleetProject, fleetProject, linesOf, names, start, titles} from '../cli/fleet-project.ts';
import {digestOf} from './database-state.ts';
import {lockHolder} from './lock-holder.ts';

/** `FLEETS=10000` runs a large fleet and measures its memory. */
const size = Number(process.env.FLEETS ?? 200);
const isLarge = size > 1000;
const kills = isLarge ? 20 : 4;
const timeout = isLarge ? 3_600_000 : 120_000;
const flags = ['upgrade', '--db', 'tenants/*.db', '--yes', '--no-backup', '--keep-going', '--json', '--wait', '0.2', '--jobs', '2'];

const nameOf = (index: number) => String(index).padStart(5, '0');

/** Databases that no run may change, with the code that names each. */
const broken: Readonly<Record<string, {readonly code: string; readonly spoil: (file: string) => void}>> = {
	truncated: {code: 'database', spoil: (file) => truncateSync(file, 5000)},
	text: {code: 'database', spoil: (file) => writeFileSync(file, 'some text')},
	damaged: {code: 'database', spoil: damage},
	empty: {code: 'database', spoil: (file) => truncateSync(file, 0)},
	drifted: {code: 'history', spoil: (file) => execute(file, 'CREATE INDEX by_hand ON user (age)')},
	foreign: {code: 'history', spoil: (file) => execute(file, 'DROP TABLE _lite_migr')},
	newer: {code: 'databaseNewer', spoil: (file) => execute(file, "INSERT INTO _lite_migr (name, checksum) VALUES ('20300101_000000_future', 'x')")},
};

function execute(file: string, sql: string): void {
	const db = openDatabase(file);
	db.exec(sql);
	db.close();
}

/** Overwrites a page of the table that the migrations rewrite first. */
function damage(file: string): void {
	const db = openDatabase(file);
	const page = Number(db.value("SELECT rootpage FROM sqlite_schema WHERE name = 'user'"));
	db.close();
	const bytes = readFileSync(file);
	bytes.fill(7, (page - 1) * 4096, page * 4096);
	writeFileSync(file, bytes);
}

test(
	'a fleet with broken databases that is killed again and again: every healthy one is whole and new in the end, every other one is unchanged and named',
	async (context) => {
		const project = await fleetProject([]);
		for (let index = 0; index < size; index++) copyFileSync(project.file, project.at(`tenants/${nameOf(index)}.db`));
		const spoiled = new Map<string, string>();
		for (const [at, [kind, {code, spoil}]] of Object.entries(broken).entries()) {
			// Spread over the fleet, several of each kind.
			for (const index of [7 + at * 11, 120 + at * 3].filter((one) => one < size)) {
				spoil(fileOf(project, index));
				spoiled.set(nameOf(index), code);
				if (kind === 'damaged') break;
			}
		}
		const locked = 3;
		const holder = await lockHolder(fileOf(project, locked), 'BEGIN EXCLUSIVE');
		spoiled.set(nameOf(locked), 'locked');
		const readOnly = makeReadOnly(fileOf(project, 5));
		if (readOnly) spoiled.set(nameOf(5), 'files');
		const before = new Map([...spoiled.keys()].map((name) => [name, digestOf(project.at(`tenants/${name}.db`))]));

		for (let kill = 0; kill < kills; kill++) await killedRun(project, kill);
		const last = await project.builtLite(...flags);
		expect(last.code).toBe(1);
		const end = linesOf(last.stdout).at(-1) as unknown as {
			failed: readonly {database: string; code: string}[];
			applied: number;
			unchanged: number;
			total: number;
		};
		expect(Object.fromEntries(end.failed.map(({database, code}) => [/(\d+)\.db$/.exec(database)?.[1] ?? database, code]))).toEqual(
			Object.fromEntries(spoiled),
		);
		expect(end).toMatchObject({total: size, stopped: null});
		expect(end.applied + end.unchanged).toBe(size - spoiled.size);
		for (const [name, digest] of before) expect([name, digestOf(project.at(`tenants/${name}.db`))]).toEqual([name, digest]);
		for (let index = 0; index < size; index++) if (!spoiled.has(nameOf(index))) expectUpgraded(project, nameOf(index));

		await holder.release();
		const again = await project.builtLite(...flags);
		expect(linesOf(again.stdout).at(-1)).toMatchObject({applied: 1});
		expectUpgraded(project, nameOf(locked));
		expectNoLeftovers(project);
		if (!readOnly) context.annotate('no read-only database: this user ignores permissions, and chattr does not work here');
		if (isLarge) await expectFlatMemory(project);
	},
	timeout,
);

function fileOf(project: FleetProject, index: number): string {
	return project.at(`tenants/${nameOf(index)}.db`);
}

/** Kills a run after its n-th database, or lets it end. */
async function killedRun(project: FleetProject, kill: number): Promise<void> {
	const after = Math.ceil(((size / (kills + 1)) * (1 + (kill % 3))) / 3) + kill;
	await project.builtLiteWith(
		{
			onStart(child) {
				let done = 0;
				child.stdout?.on('data', (chunk: Buffer) => {
					done += chunk.toString().split('"type":"done"').length - 1;
					if (done >= after) child.kill('SIGKILL');
				});
			},
		},
		...flags,
	);
}

/** Makes a file read-only for this user. Returns false if that is not possible, as for root without chattr. */
function makeReadOnly(file: string): boolean {
	if (process.getuid?.() !== 0) return spawnSync('chmod', ['444', file]).status === 0;
	if (spawnSync('chattr', ['+i', file]).status !== 0) return false;
	onTestFinished(() => void execFileSync('chattr', ['-i', file]));
	return true;
}

function expectUpgraded(project: FleetProject, name: string): void {
	const found = project.tenant(name, (db) => ({
		check: db.value('PRAGMA integrity_check'),
		applied: db.tuples('SELECT name FROM _lite_migr ORDER BY id').flat(),
		users: db.tuples('SELECT rowid, id, name, age FROM user'),
		posts: db.tuples('SELECT rowid, id, user_id, title FROM post'),
		sql: String(db.value("SELECT group_concat(sql) FROM sqlite_schema WHERE name IN ('user', 'post')")),
	}));
	expect({name, ...found}).toEqual({
		name,
		check: 'ok',
		applied: [start, names, titles],
		users: [
			[1, 1, 'Ann', '41'],
			[2, 2, 'bob', null],
		],
		posts: [
			[1, 1, 1, 'one'],
			[2, 2, 2, null],
			[3, 3, 1, 'two'],
		],
		sql: expect.stringMatching(/NOCASE[\s\S]*DEFAULT ''/),
	});
}

/** Checks that there are only databases in the folder: no journals, locks and copies. */
function expectNoLeftovers(project: FleetProject): void {
	expect(project.files('tenants').filter((name) => !/^\d+\.db$/.test(name))).toEqual([]);
}

/** Undoes and applies everything again, and reads the peak memory of the process from Linux. */
async function expectFlatMemory(project: FleetProject): Promise<void> {
	if (process.platform !== 'linux') return;
	const down = ['downgrade', ...flags.slice(1), '--to', start];
	for (const argv of [down, flags]) {
		let peak = 0;
		await project.builtLiteWith(
			{
				onStart(child) {
					const timer = setInterval(() => {
						try {
							peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? peak);
						} catch {
							// The process has ended.
						}
					}, 200);
					child.on('close', () => clearInterval(timer));
				},
			},
			...argv,
		);
		expect(peak / 1024).toBeLessThan(300);
	}
}

test(
	'Ctrl-C stops after the current databases and reports; the next run continues',
	async () => {
		const project = await fleetProject(Array.from({length: 120}, (_, index) => nameOf(index)));
		const {code, stdout, stderr} = await project.builtLiteWith(
			{
				onStart(child) {
					let isSent = false;
					child.stdout?.on('data', (chunk: Buffer) => {
						if (isSent || !chunk.toString().includes('"type":"done"')) return;
						isSent = true;
						child.kill('SIGINT');
					});
				},
			},
			...flags,
		);
		expect(code).toBe(130);
		const end = linesOf(stdout).at(-1) as unknown as {applied: number; notStarted: number; failed: readonly unknown[]};
		expect(end).toMatchObject({type: 'fleet', total: 120, failed: [], stopped: {code: 'cancelled'}});
		expect(end.applied).toBeGreaterThan(0);
		expect(end.notStarted).toBe(120 - end.applied);
		expect(stderr).toContain('run the command again to continue');
		const next = await project.builtLite(...flags);
		expect(next.code).toBe(0);
		expect(linesOf(next.stdout).at(-1)).toMatchObject({applied: end.notStarted, unchanged: end.applied});
		for (let index = 0; index < 120; index++) expectUpgraded(project, nameOf(index));
	},
	timeout,
);
