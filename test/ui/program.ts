import {onTestFinished} from 'vitest';
import {noDecisions} from '../../source/core/diff/question.ts';
import {projectServices} from '../../source/ui/engine/project-services.ts';
import {mountUi, type UiTask} from '../../source/ui/mount.tsx';
import type {Services} from '../../source/ui/services.ts';
import type {ProjectFolder} from '../project-folder.ts';
import {openTerminal, type TestTerminal} from './terminal.ts';

export interface ProgramOptions {
	readonly columns?: number;
	readonly rows?: number;
	/** The command that starts the user's editor. */
	readonly editor?: string;
	readonly stop?: () => Promise<void>;
	/** Replaces services of the engine. */
	readonly around?: Partial<Services>;
	/** Milliseconds that the screen clock advances each time it is read. By default a second, so that no confirmation ignores keys. */
	readonly tick?: () => number;
}

/** Returns the services of the engine for a project, in this thread. */
export function servicesFor(project: Pick<ProjectFolder, 'path'>): Services {
	return projectServices({cwd: project.path, config: undefined, db: undefined, format: undefined});
}

/** Starts the program without its own process: the screens on top of the core, with a real database, in a terminal emulator. */
export function openScreens(
	project: Pick<ProjectFolder, 'path'>,
	task: UiTask,
	{columns = 80, rows = 24, editor = 'true', stop = async () => {}, around = {}, tick = () => 1000}: ProgramOptions = {},
): TestTerminal & {readonly code: Promise<number>} {
	const terminal = openTerminal(columns, rows);
	const controller = new AbortController();
	let time = 0;
	const code = mountUi({
		task,
		services: {...servicesFor(project), ...around},
		version: '1.0.0',
		decisions: noDecisions,
		hidesSamples: false,
		isAscii: false,
		editor,
		stdin: terminal.stdin,
		stdout: terminal.stdout,
		signal: controller.signal,
		stop,
		clock: () => (time += tick()),
	});
	onTestFinished(() => controller.abort());
	const done = code.then(async (result) => {
		await terminal.parsed();
		return result;
	});
	return {...terminal, code: done};
}
