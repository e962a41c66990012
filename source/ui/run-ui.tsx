import {existsSync} from 'node:fs';
import {hostname} from 'node:os';
import type {Decisions} from '../core/diff/question.ts';
import {type Addressee, addressOf} from '../core/text/address.ts';
import {linkFinder} from '../core/text/links.ts';
import {showsUnicode} from '../core/text/symbols.ts';
import {startEngine} from './engine/client.ts';
import type {ProjectOptions} from './engine/project-services.ts';
import type {UiTask} from './mount.tsx';
import {cancelledExitCode} from './stage/stage.ts';
import {stopGroup} from './stage/stop-process.ts';

export interface UiOptions extends ProjectOptions {
	readonly task: UiTask;
	readonly version: string;
	/** Decisions from the command line. */
	readonly decisions: Decisions;
	/** `--no-samples`. */
	readonly hidesSamples: boolean;
	readonly hasColor: boolean;
	/** True if the terminal supports links. */
	readonly hasLinks: boolean;
	/** Aborted by SIGTERM. */
	readonly signal?: AbortSignal;
	/** Ends the process without waiting for its threads. */
	readonly endAtOnce: () => void;
}

/**
 * Opens the screens of a task in the terminal of the process, and returns the exit code. Callers check first that screens can be drawn.
 *
 * @throws MigrError for problems that the user can fix, after the terminal is restored
 */
export async function runUi(options: UiOptions): Promise<number> {
	const {task, version, decisions, hidesSamples, signal, hasColor, hasLinks, endAtOnce, ...project} = options;
	// The engine and Ink load in parallel, because the menu waits for both.
	const engine = startEngine(engineEntry(), project);
	let code: number;
	let isClosed = false;
	try {
		const {mountUi} = await importMount(hasColor);
		code = await mountUi({
			task,
			services: engine.services,
			awaitedLock: engine.awaitedLock,
			version,
			decisions,
			hidesSamples,
			isAscii: !showsUnicode(process.env, process.platform),
			address: addressOf(addresseeOf(task, project)),
			editor: process.env.VISUAL || process.env.EDITOR || (process.platform === 'win32' ? 'notepad' : 'vi'),
			...(hasLinks ? {links: linkFinder({cwd: project.cwd, host: hostname(), exists: existsSync})} : {}),
			hasMouse: process.env.LITE_MIGR_MOUSE !== 'off',
			stdin: process.stdin,
			stdout: process.stdout,
			signal,
			...(process.platform === 'win32' ? {} : {stop: stopGroup}),
		});
	} finally {
		isClosed = await engine.close();
	}
	if (!isClosed && code === cancelledExitCode) endAtOnce();
	return code;
}

/** Returns the project and database that suggested commands must name. */
function addresseeOf(task: UiTask, {config, db}: ProjectOptions): Addressee {
	if (task.kind === 'fleet') return task.address;
	// The file that `init` writes contains the database path.
	return {config, db: task.kind === 'init' ? undefined : db};
}

/** Imports the UI with or without colors. Ink decides on colors when it is imported, and does not support NO_COLOR. */
async function importMount(hasColor: boolean): Promise<typeof import('./mount.tsx')> {
	const before = process.env.FORCE_COLOR;
	if (!hasColor) process.env.FORCE_COLOR = '0';
	try {
		return await import('./mount.tsx');
	} finally {
		if (before === undefined) delete process.env.FORCE_COLOR;
		else process.env.FORCE_COLOR = before;
	}
}

/** Returns the worker file, next to the bundle or in the sources. */
function engineEntry(): URL {
	const isBundled = import.meta.url.endsWith('.js');
	const file = isBundled ? (import.meta.url.includes('/chunks/') ? '../engine-worker.js' : './engine-worker.js') : './engine-worker.ts';
	// The comment stops webpack from looking for the file.
	return new URL(/* webpackIgnore: true */ file, import.meta.url);
}
