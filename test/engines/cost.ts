/**
 * Measures what runs on servers cost: `node test/engines/cost.ts [ROWS …]`. Prints the tables of docs/decisions/0013-guarded-scripts.md: the time of a
 * script that copies a parent table against the same change of a local file, its size, and the HTTP requests of each command.
 */
import {once} from 'node:events';
import {mkdirSync, writeFileSync} from 'node:fs';
import {createServer, request} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {openEngine} from '../../source/core/engines/open-engine.ts';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {builtLite} from '../cli/built-bin.ts';
import {type Rig, startD1, startRqlite, startSqld} from './rigs.ts';

interface Sent {
	readonly isScript: boolean;
	readonly bytes: number;
	readonly milliseconds: number;
}

/** Forwards HTTP requests and records them. */
async function startMeter(to: number): Promise<{readonly port: number; readonly sent: Sent[]; close(): void}> {
	const sent: Sent[] = [];
	const server = createServer(async (incoming, outgoing) => {
		const chunks: Buffer[] = [];
		for await (const chunk of incoming) chunks.push(chunk as Buffer);
		const body = Buffer.concat(chunks);
		const started = performance.now();
		const {method, url, headers} = incoming;
		const forwarded = request(
			{host: '127.0.0.1', port: to, method, path: url, headers: {...headers, connection: 'close'}, agent: false},
			(answer) => {
				outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
				answer.pipe(outgoing);
				answer.on('end', () =>
					sent.push({isScript: body.includes('_lite_migr_guard'), bytes: body.length, milliseconds: performance.now() - started}),
				);
			},
		);
		forwarded.end(body);
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {port: (server.address() as AddressInfo).port, sent, close: () => server.close()};
}

const start = [
	'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT)',
	'CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user (id) ON DELETE CASCADE)',
];
const models = `${start[0]?.replace('name TEXT', 'name TEXT NOT NULL UNIQUE')};\n${start[1]};\n`;
const n = (rows: number): string => `WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})`;
const inserts = (rows: number): readonly string[] => [
	`INSERT INTO user ${n(rows)} SELECT i, 'name ' || i FROM n`,
	`INSERT INTO post ${n(rows)} SELECT i, i FROM n`,
];

function projectIn(path: string, db: string): void {
	mkdirSync(join(path, 'migrations'), {recursive: true});
	mkdirSync(join(path, 'models'));
	writeFileSync(join(path, 'migrate.toml'), `[migrate]\ndb_path = "${db}"\n`);
	writeFileSync(join(path, 'migrations', '20260101_000000_start.sql'), `-- upgrade\n${start.join(';\n')};\n`);
	writeFileSync(join(path, 'models', 'schema.sql'), models);
}

async function lite(path: string, env: Readonly<Record<string, string | undefined>>, ...argv: readonly string[]): Promise<string> {
	const {code, stdout, stderr} = await builtLite(path, argv, {env});
	if (code !== 0 && code !== 4) throw new Error(`${argv.join(' ')}: ${stdout}${stderr}`);
	return stdout;
}

/** Returns the milliseconds of the migration on a local file. */
async function local(folder: string, rows: number): Promise<number> {
	const path = join(folder, 'local');
	projectIn(path, './app.db');
	await lite(path, {}, 'upgrade');
	const db = openDatabase(join(path, 'app.db'));
	for (const sql of inserts(rows)) db.exec(sql);
	db.close();
	await lite(path, {}, 'create', 'unique');
	const events = (await lite(path, {}, 'upgrade', '--json', '--no-backup'))
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));
	return events.find(({type}) => type === 'migrationDone').durationMs;
}

async function measure(name: string, startRig: () => Promise<Rig>, rows: number): Promise<void> {
	const rig = await startRig();
	const meter = await startMeter(rig.port);
	const {db, options} = rig.at(meter.port);
	const path = join(options.folder, 'project');
	projectIn(path, db);
	const requests: string[] = [];
	const run = async (...argv: readonly string[]): Promise<string> => {
		meter.sent.length = 0;
		const started = performance.now();
		const output = await lite(path, options.environment, ...argv);
		requests.push(`${argv[0]} ${meter.sent.length} (${Math.round(performance.now() - started)} ms)`);
		return output;
	};
	await run('upgrade');
	const engine = await openEngine(rig.target, rig.options);
	for (const sql of inserts(rows)) {
		const outcome = await engine.apply([sql]);
		if (outcome.kind !== 'committed') throw outcome.error;
	}
	engine.close();
	await run('status');
	await run('check');
	await run('diff');
	await run('create', 'unique');
	const text = await run('upgrade');
	const script = meter.sent.filter(({isScript}) => isScript).at(-1);
	const statements = /sending (\S+) statements \((.*?)\)/.exec(text);
	console.info(
		`| ${name} | ${rows} | ${await local(options.folder, rows)} | ${Math.round(script?.milliseconds ?? 0)} | ${statements?.[1]} | ${statements?.[2]} | ${requests.join(', ')} |`,
	);
	meter.close();
	await rig.stop();
}

const sizes = process.argv.slice(2).map(Number);
console.info('| engine | rows | local ms | script ms | statements | bytes | requests |');
for (const rows of sizes.length === 0 ? [1000, 100_000] : sizes) {
	await measure('d1', startD1, rows);
	await measure('libsql', startSqld, rows);
	await measure('rqlite', () => startRqlite(), rows);
}
process.exit(0);
