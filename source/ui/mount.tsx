import {spawn} from 'node:child_process';
import {render} from 'ink';
import type {Decisions} from '../core/diff/question.ts';
import type {RunSettings} from '../core/migrations/run/apply-options.ts';
import type {PullFormat} from '../core/pull/pull.ts';
import type {Addressee} from '../core/text/address.ts';
import type {FindLinks} from '../core/text/links.ts';
import type {InitRequest} from './existing-database.ts';
import {createMigration} from './flows/create.tsx';
import {type FleetTask, fleetFlow} from './flows/fleet.tsx';
import type {Ending, Flow} from './flows/flow.ts';
import {browseHistory} from './flows/history.tsx';
import {home} from './flows/home.tsx';
import {pullFlow} from './flows/pull.tsx';
import {restoreFlow} from './flows/restore.tsx';
import {runFlow} from './flows/run.tsx';
import {setUp} from './flows/start.tsx';
import {type Clock, ClockContext} from './keys/clock.ts';
import {LateEscapeContext} from './keys/late-escape.ts';
import {FrameContext} from './page/rows.tsx';
import {type Session, SessionContext} from './page/session.ts';
import {AddressContext, AsciiContext, LinksContext, SizeContext} from './page/use-look.ts';
import type {AwaitedLock} from './run/lock-lines.ts';
import type {Services} from './services.ts';
import {AwaitedLockContext, Busy} from './stage/busy.tsx';
import {MouseContext, terminalMouse} from './stage/mouse.ts';
import {type DrawnFrame, guardResizes} from './stage/resize-guard.ts';
import {SignalsContext, terminalSignals} from './stage/signals.ts';
import {cancelledExitCode, createStage, type Stage, type StageContents} from './stage/stage.ts';
import {StageView} from './stage/stage-view.tsx';
import {onStopSignal} from './stage/stop-process.ts';

/** The task that the screens are opened for. */
export type UiTask =
	| {readonly kind: 'home'}
	| {readonly kind: 'init'; readonly paths: Omit<InitRequest, 'firstModel'>}
	| {readonly kind: 'create'; readonly name: string}
	| {readonly kind: 'run'; readonly request: RunSettings}
	| ({readonly kind: 'fleet'; readonly address: Addressee} & FleetTask)
	| {readonly kind: 'restore'; readonly backup: string | undefined}
	| {readonly kind: 'pull'; readonly format: PullFormat | undefined}
	| {readonly kind: 'status'};

export interface MountOptions {
	readonly task: UiTask;
	readonly services: Services;
	/** Returns the lock of another process that the services wait for. */
	readonly awaitedLock?: () => AwaitedLock | undefined;
	readonly version: string;
	/** Decisions from the command line. */
	readonly decisions: Decisions;
	readonly hidesSamples: boolean;
	readonly isAscii: boolean;
	/** Flags to insert into suggested commands: see `addressed`. */
	readonly address?: string;
	/** The command that starts the user's editor. */
	readonly editor: string;
	readonly stdin: NodeJS.ReadStream;
	readonly stdout: NodeJS.WriteStream;
	/** Aborted by SIGTERM, which acts like Ctrl-C. */
	readonly signal?: AbortSignal | undefined;
	/** Finds paths and URLs in lines. Absent if the terminal does not support links. */
	readonly links?: FindLinks;
	/** False if the mouse wheel must not be used. */
	readonly hasMouse?: boolean;
	/** Suspends the process, for Ctrl-Z, until the shell resumes it. Undefined if the platform cannot do that. */
	readonly stop?: (() => Promise<void>) | undefined;
	/** A monotonic clock in milliseconds. The default is the clock of the process. */
	readonly clock?: Clock;
}

const exitCodes: Readonly<Record<Ending, number>> = {done: 0, failed: 1, cancelled: cancelledExitCode, refused: 3};

/**
 * Draws the screens of a task until it is done, and returns the exit code. Always restores the terminal.
 *
 * @throws the error that a flow threw: MigrError for problems that the user can fix
 */
export async function mountUi(options: MountOptions): Promise<number> {
	const stage = createStage({drawBusy: (what) => <Busy what={what} />});
	const session: Session = {commands: []};
	const frame: DrawnFrame = {widths: []};
	const guard = guardResizes(options.stdout, frame);
	const mouse = terminalMouse((text) => options.stdout.write(text), options.hasMouse !== false);
	// This also runs if the process ends by an error or a second signal.
	const release = (): void => mouse.pause();
	process.once('exit', release);
	const app = render(
		<ClockContext value={options.clock ?? (() => performance.now())}>
			<LinksContext value={options.links}>
				<AsciiContext value={options.isAscii}>
					<AddressContext value={options.address ?? ''}>
						<SizeContext value={guard}>
							<FrameContext value={frame}>
								<LateEscapeContext value={{isPressed: false}}>
									<SessionContext value={session}>
										<SignalsContext value={terminalSignals((text) => options.stdout.write(text))}>
											<MouseContext value={mouse}>
												<AwaitedLockContext value={options.awaitedLock ?? (() => undefined)}>
													<StageView stage={stage} erase={() => app.clear()} stop={options.stop} mouse={mouse} />
												</AwaitedLockContext>
											</MouseContext>
										</SignalsContext>
									</SessionContext>
								</LateEscapeContext>
							</FrameContext>
						</SizeContext>
					</AddressContext>
				</AsciiContext>
			</LinksContext>
		</ClockContext>,
		{
			stdin: mouse.filter(options.stdin),
			stdout: options.stdout,
			exitOnCtrlC: false,
			// Nothing prints in this thread: models and migrations run in the engine.
			patchConsole: false,
			incrementalRendering: true,
			// The caller has already decided that screens can be drawn.
			interactive: true,
		},
	);
	guard.attach(app.clear);
	const interrupt = (): void => stage.interrupt();
	options.signal?.addEventListener('abort', interrupt);
	const unstop = onStopSignal((stop) => void stage.pause(stop));
	try {
		void play(stage, session, options);
		const ending = (await app.waitUntilExit()) as NonNullable<StageContents['ending']>;
		if ('error' in ending) throw ending.error;
		return ending.code;
	} finally {
		guard.end();
		unstop();
		options.signal?.removeEventListener('abort', interrupt);
		app.unmount();
		release();
		process.off('exit', release);
	}
}

async function play(stage: Stage, session: Session, options: MountOptions): Promise<void> {
	const {services, version, hidesSamples, editor} = options;
	const flow: Flow = {stage, services, version, hidesSamples, answers: {kept: []}, session, edit: (path) => openEditor(editor, path)};
	try {
		const ending = await flowOf(flow, options);
		stage.end({code: options.task.kind === 'home' ? 0 : exitCodes[ending]});
	} catch (error) {
		stage.end({error});
	}
}

async function flowOf(flow: Flow, {task, decisions}: MountOptions): Promise<Ending> {
	switch (task.kind) {
		case 'home':
			return await home(flow, decisions);
		case 'init':
			return await setUp(flow, task.paths);
		case 'create':
			return await createMigration(flow, {name: task.name, decisions});
		case 'run':
			return await runFlow(flow, task.request, {reviews: task.request.direction === 'downgrade'});
		case 'fleet':
			return await fleetFlow(flow, task);
		case 'restore':
			return await restoreFlow(flow, task.backup, 'quit');
		case 'pull':
			return await pullFlow(flow, task.format);
		case 'status':
			return await browseHistory(flow, {leavesRecord: true});
	}
}

/** Opens a file in the editor. Uses a shell, because the command may have arguments: `code --wait`. */
function openEditor(editor: string, path: string): Promise<void> {
	return new Promise((resolve, reject) => {
		const isWindows = process.platform === 'win32';
		const child = isWindows
			? spawn(`${editor} "${path}"`, {shell: true, stdio: 'inherit'})
			: spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', path], {stdio: 'inherit'});
		child.on('error', reject);
		child.on('exit', (code) =>
			code === 0 ? resolve() : reject(new Error(`the editor (${editor}) exited with code ${code}; to use another one, set EDITOR`)),
		);
	});
}
