import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';

/** One run of a command, with its wall-clock time and peak memory. */
export interface Run {
	readonly milliseconds: number;
	/** Peak resident memory in megabytes. Null if the system does not report it. */
	readonly megabytes: number | null;
	/** User and system time in milliseconds, as of a few milliseconds before the end. Null if the system does not report it. */
	readonly cpu: number | null;
	readonly status: number | null;
	readonly output: string;
}

/** Runs a command and measures it from outside. The peak memory is the last value that Linux reported. */
export async function measure(
	command: string,
	args: readonly string[],
	options: {readonly cwd?: string; readonly input?: string} = {},
): Promise<Run> {
	const begin = process.hrtime.bigint();
	const child = spawn(command, args, {cwd: options.cwd, stdio: ['pipe', 'pipe', 'pipe'], env: {...process.env, NO_COLOR: '1', CI: '1'}});
	let output = '';
	let kilobytes = 0;
	let cpu: number | null = null;
	child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
	child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
	child.stdin.end(options.input ?? '');
	const timer = setInterval(() => {
		kilobytes = Math.max(kilobytes, peakOf(child));
		cpu = cpuOf(child) ?? cpu;
	}, 10);
	const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
	clearInterval(timer);
	const milliseconds = Number(process.hrtime.bigint() - begin) / 1e6;
	return {milliseconds, megabytes: kilobytes === 0 ? null : kilobytes / 1024, cpu, status, output};
}

/**
 * Returns the peak memory in kB of a process and its children: VmHWM of each (https://man7.org/linux/man-pages/man5/proc_pid_status.5.html). All of them
 * run the same program from the same file, which is in memory once, so only the largest RssFile counts.
 */
function peakOf({pid}: ChildProcess): number {
	const statuses = [pid, ...childrenOf(pid)].map((each) => {
		try {
			return readFileSync(`/proc/${each}/status`, 'utf8');
		} catch {
			// The process has ended, or this is not Linux.
			return '';
		}
	});
	const all = (name: string) => statuses.map((status) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0));
	const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
	const files = all('RssFile');
	return sum(all('VmHWM')) - sum(files) + Math.max(...files);
}

function childrenOf(pid: number | undefined): readonly number[] {
	try {
		return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
	} catch {
		return [];
	}
}

/** Returns the user and system time so far in milliseconds, including children. See https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html. */
function cpuOf({pid}: ChildProcess): number | null {
	const own = timesOf(pid);
	return own === null ? null : childrenOf(pid).reduce((sum, each) => sum + (timesOf(each) ?? 0), own);
}

/** Returns the time of a process and of the children that it has waited for. */
function timesOf(pid: number | undefined): number | null {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		// The name of the program may contain spaces. It ends with the last parenthesis.
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
		// A program that has ended reports nothing.
		return ticks === 0 ? null : ticks * 10;
	} catch {
		return null;
	}
}

/** Returns the run with the median time. */
export function median(runs: readonly Run[]): Run {
	const sorted = [...runs].sort((a, b) => a.milliseconds - b.milliseconds);
	return sorted[Math.floor(sorted.length / 2)] as Run;
}

/** Runs several commands in turns, so a slow moment of the machine affects all of them. Returns the median run of each. */
export async function inTurns<Name extends string>(
	times: number,
	runs: Readonly<Record<Name, () => Promise<Run>>>,
): Promise<Readonly<Record<Name, Run>>> {
	const names = Object.keys(runs) as Name[];
	const all = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Run[]>;
	for (let time = 0; time < times; time++) for (const name of names) all[name].push(await runs[name]());
	return Object.fromEntries(names.map((name) => [name, median(all[name])])) as Record<Name, Run>;
}

export function requireSuccess(run: Run, what: string): Run {
	if (run.status !== 0) throw new Error(`${what} ended with ${run.status}:\n${run.output}`);
	return run;
}

export function hasCommand(command: string): boolean {
	return spawnSync(command, ['--version'], {stdio: 'ignore'}).status === 0;
}

export function milliseconds(value: number): string {
	return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value.toFixed(0)} ms`;
}

export function megabytes(value: number | null): string {
	return value === null ? '–' : `${value.toFixed(0)} MB`;
}
