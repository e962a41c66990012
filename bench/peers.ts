import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {measure, type Run, requireSuccess} from './measure.ts';
import {node, repository, temporaryFolder} from './project.ts';

/** Programs that are too heavy for the root package. They are installed on first use. */
const peers = join(repository, 'bench', 'peers');

/** The other programs that apply the same migrations. */
export type Peer = 'drizzle-kit 0.31' | 'drizzle-kit 1.0' | 'knex' | 'sqlite3';

export function installPeers(): void {
	if (existsSync(join(peers, 'node_modules'))) return;
	const {status, stderr} = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {cwd: peers, encoding: 'utf8'});
	if (status !== 0) throw new Error(`npm ci in bench/peers: ${stderr}`);
}

/**
 * Creates a folder where a program applies migrations to a new database. Each migration is a list of statements.
 *
 * @param schema the same tables as a Drizzle schema, if `drizzle-kit generate` runs in it
 */
export function peerProject(peer: Peer, migrations: readonly (readonly string[])[], schema = ''): string {
	const folder = temporaryFolder();
	writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
	if (peer === 'sqlite3') writeFileSync(join(folder, 'all.sql'), `BEGIN;\n${migrations.flat().join(';\n')};\nCOMMIT;\n`);
	else if (peer === 'knex') knexFiles(folder, migrations);
	else drizzleFiles(folder, peer, migrations, schema);
	return folder;
}

/** Applies all migrations in such a folder. */
export async function migratePeer(peer: Peer, folder: string): Promise<Run> {
	return requireSuccess(await run(peer, folder, 'migrate'), `${peer} migrate`);
}

/** Runs `drizzle-kit generate`, which writes a migration for the schema of the folder. */
export async function generatePeer(peer: 'drizzle-kit 0.31' | 'drizzle-kit 1.0', folder: string): Promise<Run> {
	return requireSuccess(await run(peer, folder, 'generate'), `${peer} generate`);
}

function run(peer: Peer, folder: string, command: 'migrate' | 'generate'): Promise<Run> {
	if (peer === 'sqlite3') return measure('sqlite3', ['app.db', '.read all.sql'], {cwd: folder});
	if (peer === 'knex') return measure(node, ['migrate.mjs'], {cwd: folder});
	return measure(node, [join(modulesOf(peer), 'drizzle-kit', 'bin.cjs'), command], {cwd: folder});
}

function modulesOf(peer: Peer): string {
	return join(peer === 'drizzle-kit 0.31' ? repository : peers, 'node_modules');
}

function drizzleFiles(folder: string, peer: Peer, migrations: readonly (readonly string[])[], schema: string): void {
	symlinkSync(modulesOf(peer), join(folder, 'node_modules'));
	writeFileSync(join(folder, 'schema.ts'), schema);
	writeFileSync(
		join(folder, 'drizzle.config.ts'),
		"export default {dialect: 'sqlite', schema: './schema.ts', out: './drizzle', dbCredentials: {url: 'app.db'}};\n",
	);
	const text = (statements: readonly string[]) => statements.map((sql) => `${sql};\n`).join('--> statement-breakpoint\n');
	if (peer === 'drizzle-kit 1.0') {
		for (const [index, statements] of migrations.entries()) {
			const tag = `${20260101000000 + index}_change`;
			mkdirSync(join(folder, 'drizzle', tag), {recursive: true});
			writeFileSync(join(folder, 'drizzle', tag, 'migration.sql'), text(statements));
		}
		return;
	}
	if (migrations.length === 0) return;
	mkdirSync(join(folder, 'drizzle', 'meta'), {recursive: true});
	const entries = migrations.map((statements, index) => {
		const tag = `${String(index).padStart(4, '0')}_change`;
		writeFileSync(join(folder, 'drizzle', `${tag}.sql`), text(statements));
		return {idx: index, version: '6', when: 1_700_000_000_000 + index * 1000, tag, breakpoints: true};
	});
	writeFileSync(join(folder, 'drizzle', 'meta', '_journal.json'), JSON.stringify({version: '7', dialect: 'sqlite', entries}));
}

function knexFiles(folder: string, migrations: readonly (readonly string[])[]): void {
	mkdirSync(join(folder, 'migrations'));
	for (const [index, statements] of migrations.entries()) {
		const calls = statements.map((sql) => `\tawait knex.raw(${JSON.stringify(sql)});\n`).join('');
		writeFileSync(
			join(folder, 'migrations', `${20260101000000 + index}_change.mjs`),
			`export async function up(knex) {\n${calls}}\nexport async function down() {}\n`,
		);
	}
	const settings = `{client: 'better-sqlite3', connection: {filename: 'app.db'}, useNullAsDefault: true, migrations: {directory: './migrations', loadExtensions: ['.mjs']}}`;
	const module = JSON.stringify(join(peers, 'node_modules', 'knex', 'knex.mjs'));
	writeFileSync(
		join(folder, 'migrate.mjs'),
		`import knex from ${module};\nconst db = knex(${settings});\nawait db.migrate.latest();\nawait db.destroy();\n`,
	);
}
