import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface OtherProcess {
	readonly child: ChildProcess;
	/** The output of both streams. */
	output(): string;
	/** Resolves once this text has been printed. */
	says(text: string): Promise<void>;
	/** The exit code, or the name of the signal that ended the process. */
	readonly ended: Promise<number | string>;
}

/** Runs a module, given as text, in a second Node process. It can import from `source/`. */
export function otherProcess(code: string, ...args: readonly string[]): OtherProcess {
	const module = code.replaceAll("from 'source/", `from '${new URL('source/', `file://${root}`).href}`);
	const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', module, ...args], {
		cwd: root,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let output = '';
	const waiting = new Set<() => void>();
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (text: string) => {
			output += text;
			for (const check of waiting) check();
		});
	}
	const ended = once(child, 'close').then(([status, signal]) => (status ?? signal) as number | string);
	return {
		child,
		output: () => output,
		says: (text) =>
			new Promise((resolve, reject) => {
				const check = () => {
					if (!output.includes(text)) return;
					waiting.delete(check);
					resolve();
				};
				waiting.add(check);
				check();
				void ended.then(() => reject(new Error(`ended without saying ${JSON.stringify(text)}: ${output}`)));
			}),
		ended,
	};
}
