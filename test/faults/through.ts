import {spawn} from 'node:child_process';
import {builtBin, type Finished} from '../cli/built-bin.ts';

/** Runs the built command through another program that changes its user or limits: `through(folder, ['setpriv', '--reuid=1'], 'status')`. */
export async function through(folder: string, wrapper: readonly [string, ...string[]], ...argv: readonly string[]): Promise<Finished> {
	const [program, ...parameters] = wrapper;
	const child = spawn(program, [...parameters, process.execPath, builtBin(), ...argv], {
		cwd: folder,
		stdio: ['ignore', 'pipe', 'pipe'],
		env: {...process.env, LC_ALL: 'C.UTF-8', HOME: folder},
	});
	const output = {stdout: '', stderr: ''};
	for (const name of ['stdout', 'stderr'] as const) {
		child[name].setEncoding('utf8').on('data', (text: string) => {
			output[name] += text;
		});
	}
	return await new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', (code) => resolve({code, ...output}));
	});
}

/** Returns a wrapper that prevents files from growing beyond `bytes`. It simulates a full disk without mounting one. */
export function withFileLimit(bytes: number): readonly [string, ...string[]] {
	// POSIX counts in units of 512 bytes.
	return ['sh', '-c', `ulimit -f ${Math.floor(bytes / 512)} && exec "$@"`, 'sh'];
}
