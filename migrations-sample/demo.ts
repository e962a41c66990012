import {spawnSync} from 'node:child_process';
import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

// The main flow on a throw-away copy of this project, with its output on the screen.

const sample = dirname(fileURLToPath(import.meta.url));
const bin = join(sample, '..', 'dist', 'cli.js');
const project = mkdtempSync(join(tmpdir(), 'lite-migr-demo-'));

for (const part of ['migrate.toml', 'models', 'migrations']) cpSync(join(sample, part), join(project, part), {recursive: true});

try {
	say('a shop with six migrations and no database yet');
	migr(0, 'status');
	migr(0, 'upgrade', '--yes');
	migr(0, 'check');

	say('the model of a customer changes: city is now called town, and a column is new');
	const model = join(project, 'models', 'customer.ts');
	writeFileSync(model, readFileSync(model, 'utf8').replace('city: text(),', 'town: text(),\n\tpoints: integer().notNull().default(0),'));
	migr(3, 'create', 'towns');

	say('was it renamed? only a person knows: the flag says so');
	migr(0, 'create', 'towns', '--rename', 'customer.city=town');
	migr(0, 'upgrade', '--dry-run');
	migr(0, 'upgrade', '--yes');
	migr(0, 'check');

	say('and back again');
	migr(0, 'downgrade', '--yes');
	migr(4, 'check');
} finally {
	rmSync(project, {recursive: true, force: true});
}

function say(line: string): void {
	process.stdout.write(`\n# ${line}\n`);
}

function migr(expected: number, ...args: readonly string[]): void {
	process.stdout.write(`\n$ lite-migr ${args.join(' ')}\n`);
	const {status} = spawnSync(process.execPath, [bin, ...args], {cwd: project, stdio: ['ignore', 'inherit', 'inherit']});
	process.stdout.write(`(exit ${status})\n`);
	if (status !== expected) {
		process.exitCode = 1;
		throw new Error(`lite-migr ${args.join(' ')} exited with ${status}, not ${expected}`);
	}
}
