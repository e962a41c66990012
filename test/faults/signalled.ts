import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {onTestFinished} from 'vitest';
import type {Finished} from '../cli/built-bin.ts';
import type {ProjectFolder} from '../cli/project-folder.ts';

export type Moment = 'event' | 'statement' | 'copy';

/** True for `npm run test:faults`: every moment, and not a sample. */
export const isWholeRun = process.env.FAULTS === 'all';

const preload = `--import ${pathToFileURL(join(import.meta.dirname, 'signal-at.ts')).href}`;

/** Runs a command that gets a signal at an exact moment (`signal-at.ts`). */
export function signalledAt(
	project: ProjectFolder,
	moment: Moment,
	number: number,
	signal: NodeJS.Signals,
	argv: readonly string[],
	env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
	return project.liteWith({env: {...env, NODE_OPTIONS: preload, SIGNAL_AT: `${moment} ${number} ${signal}`}}, ...argv);
}

/** How many such moments a command has; it runs to its end. */
export async function countMoments(project: ProjectFolder, moment: Moment, argv: readonly string[]): Promise<number> {
	const file = join(mkdtempSync(join(tmpdir(), 'lite-migr-count-')), 'count');
	onTestFinished(() => rmSync(dirname(file), {recursive: true, force: true}));
	const {code, stderr} = await project.liteWith({env: {NODE_OPTIONS: preload, SIGNAL_AT: moment, COUNT_TO: file}}, ...argv);
	if (code !== 0 || !existsSync(file)) throw new Error(`no moments could be counted: ${stderr}`);
	return Number(readFileSync(file, 'utf8'));
}

/** `wanted` of the numbers from 1 to `count`, the first and the last always among them, evenly spread; all of them in a whole run. */
export function sampleOf(count: number, wanted: number): readonly number[] {
	const all = Array.from({length: count}, (_, index) => index + 1);
	if (isWholeRun || count <= wanted) return all;
	return Array.from({length: wanted}, (_, index) => all[Math.round((index * (count - 1)) / (wanted - 1))] as number);
}
