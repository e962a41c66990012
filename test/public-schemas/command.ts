import {lite} from '../cli/lite.ts';
import {done, type Outcome, type Refused} from './result.ts';

/** Runs commands in the folder of a project. */
export interface ProjectCommands {
	/** Runs a command with `--json`, and returns its lines if it ends with exit code 0. */
	run(...argv: readonly string[]): Promise<CommandResult>;
}

export interface CommandResult {
	readonly outcome: Outcome;
	readonly lines: readonly Readonly<Record<string, unknown>>[];
}

export function commandsIn(folder: string): ProjectCommands {
	return {
		async run(...argv) {
			const {code, stdout, stderr} = await lite(folder, [...argv, '--json']);
			const lines = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []));
			return {outcome: code === 0 ? done() : refusal(lines, `exit code ${code}: ${stdout}${stderr}`), lines};
		},
	};
}

interface ErrorLine {
	/** The last event of a run that failed has the error itself. */
	readonly type?: string;
	readonly message?: string;
	readonly hint?: string | null;
	readonly error?: {readonly message: string; readonly hint: string | null};
	readonly problems?: readonly {readonly message: string; readonly items: readonly string[]; readonly hint: string}[];
	readonly questions?: readonly unknown[];
}

/** Returns what a command said when it refused. */
function refusal(lines: readonly ErrorLine[], otherwise: string): Refused {
	const error = lines.find((line) => line.error !== undefined)?.error;
	if (error !== undefined) return {kind: 'refused', reason: oneLine(error.message), fix: oneLine(error.hint ?? '')};
	const failed = lines.find(({type}) => type === 'failed');
	if (failed !== undefined) return {kind: 'refused', reason: oneLine(failed.message ?? ''), fix: oneLine(failed.hint ?? '')};
	const [problem] = lines.flatMap(({problems = []}) => problems);
	if (problem !== undefined) return {kind: 'refused', reason: oneLine(`${problem.message}: ${problem.items[0] ?? ''}`), fix: oneLine(problem.hint)};
	return {kind: 'refused', reason: oneLine(otherwise), fix: ''};
}

export function oneLine(text: string): string {
	return text.split('\n')[0]?.trim() ?? '';
}
