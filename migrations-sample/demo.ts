import {spawnSync} from 'node:child_process';
import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

// Runs the main workflow on a temporary copy of this project and prints each command with its output.

const sample = dirname(fileURLToPath(import.meta.url));
const bin = join(sample, '..', 'dist', 'cli.js');
const project = mkdtempSync(join(tmpdir(), 'lite-migr-demo-'));

for (const part of ['migrate.toml', 'models', 'migrations']) cpSync(join(sample, part), join(project, part), {recursive: true});

try {
	say('a shop with six migrations and no database yet: upgrade creates it');
	migr(0, 'status');
	migr(0, 'upgrade', '--yes');
	migr(0, 'check');

	say('the customer model changes: city is now called town, and points is a new column');
	const model = join(project, 'models', 'customer.ts');
	writeFileSync(model, readFileSync(model, 'utf8').replace('city: text(),', 'town: text(),\n\tpoints: integer().notNull().default(0),'));
	migr(3, 'create', 'towns');

	say('was city renamed? lite-migr does not guess, and exits with 3: a flag answers the question');
	migr(0, 'create', 'towns', '--rename', 'customer.city=town');
	migr(0, 'upgrade', '--dry-run');
	migr(0, 'upgrade', '--yes');
	migr(0, 'check');

	say('undo the change: check then reports a pending migration and exits with 4');
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
