import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {onTestFinished} from 'vitest';
import type {Finished} from '../cli/built-bin.ts';
import type {ProjectFolder} from '../project-folder.ts';

export type Moment = 'event' | 'statement' | 'copy' | 'file';

/** True if every moment is tested instead of a sample (`npm run test:faults`). */
export const isWholeRun = process.env.FAULTS === 'all';

/** The file that is loaded first opens node:sqlite, and Node.js 22 warns about it. lite-migr itself never shows this warning. */
const preload = `--disable-warning=ExperimentalWarning --import ${pathToFileURL(join(import.meta.dirname, 'signal-at.ts')).href}`;

/** The options of this process come first: they may choose the driver. */
const nodeOptions = [process.env.NODE_OPTIONS, preload].filter((option) => option !== undefined).join(' ');

/**
 * Returns an environment with an empty folder for temporary files. A run also looks at the private copies of other runs there, and each of them is a
 * statement more.
 */
function alone(): Readonly<Record<string, string>> {
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-signalled-'));
	onTestFinished(() => rmSync(folder, {recursive: true, force: true}));
	return {TMPDIR: folder, NODE_OPTIONS: nodeOptions};
}

/** Runs a command and sends it a signal at an exact moment (`signal-at.ts`). */
export function signalledAt(
	project: ProjectFolder,
	moment: Moment,
	number: number,
	signal: NodeJS.Signals,
	argv: readonly string[],
	env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
	return project.builtLiteWith({env: {...alone(), ...env, SIGNAL_AT: `${moment} ${number} ${signal}`}}, ...argv);
}

/** Runs a command to its end and returns how many such moments it has. */
export async function countMoments(project: ProjectFolder, moment: Moment, argv: readonly string[]): Promise<number> {
	const file = join(mkdtempSync(join(tmpdir(), 'lite-migr-count-')), 'count');
	onTestFinished(() => rmSync(dirname(file), {recursive: true, force: true}));
	const {code, stderr} = await project.builtLiteWith({env: {...alone(), SIGNAL_AT: moment, COUNT_TO: file}}, ...argv);
	if (code !== 0 || !existsSync(file)) throw new Error(`no moments could be counted: ${stderr}`);
	return Number(readFileSync(file, 'utf8'));
}

/** Returns `size` evenly spread numbers from 1 to `count`, including the first and the last. Returns all of them if every moment is tested. */
export function sampleOf(count: number, size: number): readonly number[] {
	const all = Array.from({length: count}, (_, index) => index + 1);
	if (isWholeRun || count <= size) return all;
	return Array.from({length: size}, (_, index) => all[Math.round((index * (count - 1)) / (size - 1))] as number);
}
