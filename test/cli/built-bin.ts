import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, rmSync, statSync} from 'node:fs';
import {join} from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const bin = join(root, 'dist', 'cli.js');
const lock = join(root, 'node_modules', '.cache', 'lite-migr-test-build');

let found: string | undefined;

/**
 * Returns the path of the built command. Rebuilds it if a source file is newer. Test files run in parallel, so one of them builds and the others
 * wait. To test another command, such as an installed package, set LITE_MIGR_BIN.
 */
export function builtBin(): string {
	found ??= process.env.LITE_MIGR_BIN ?? freshBin();
	return found;
}

function freshBin(): string {
	while (isStale()) {
		if (!takeLock()) {
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
			continue;
		}
		try {
			if (isStale()) execFileSync(process.execPath, ['build.ts'], {cwd: root, stdio: 'inherit'});
		} finally {
			rmSync(lock, {recursive: true, force: true});
		}
	}
	return bin;
}

function takeLock(): boolean {
	mkdirSync(join(lock, '..'), {recursive: true});
	try {
		mkdirSync(lock);
		return true;
	} catch {
		// Left over from a run that was killed.
		const age = existsSync(lock) ? Date.now() - statSync(lock).mtimeMs : 0;
		if (age > 120_000) rmSync(lock, {recursive: true, force: true});
		return false;
	}
}

function isStale(): boolean {
	if (!existsSync(bin)) return true;
	const built = statSync(bin).mtimeMs;
	const sources = readdirSync(join(root, 'source'), {recursive: true, withFileTypes: true}).filter((entry) => entry.isFile());
	return [
		...sources.map((entry) => join(entry.parentPath, entry.name)),
		join(root, 'cli.tsx'),
		join(root, 'package.json'),
		join(root, 'build.ts'),
	].some((file) => statSync(file).mtimeMs > built);
}

export interface Finished {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface RunOptions {
	readonly env?: Readonly<Record<string, string | undefined>>;
	/** Called with the process after it has started, for example to send it signals. */
	readonly onStart?: (child: ChildProcess) => void;
}

/** Runs the built command in a folder, without a terminal and in a UTF-8 locale. */
export async function builtLite(folder: string, argv: readonly string[], {env = {}, onStart}: RunOptions = {}): Promise<Finished> {
	const child = spawn(process.execPath, [builtBin(), ...argv], {
		cwd: folder,
		stdio: ['ignore', 'pipe', 'pipe'],
		env: {...plainEnvironment(), ...env},
	});
	onStart?.(child);
	let stdout = '';
	let stderr = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		stdout += text;
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		stderr += text;
	});
	return await new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', (code) => resolve({code, stdout, stderr}));
	});
}

/** Returns the environment of the tests in a UTF-8 locale, without the variables that a developer or a CI sets for output. */
export function plainEnvironment(): Readonly<Record<string, string | undefined>> {
	const {CI: _ci, NO_COLOR: _noColor, FORCE_COLOR: _forceColor, ...inherited} = process.env;
	return {...inherited, LC_ALL: 'C.UTF-8'};
}
