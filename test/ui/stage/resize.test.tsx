import {render} from 'ink';
import {afterEach, describe, expect, test} from 'vitest';
import {type Line, line} from '../../../source/ui/page/line.ts';
import {FrameContext} from '../../../source/ui/page/rows.tsx';
import {ScreenView} from '../../../source/ui/page/screen-view.tsx';
import {SizeContext} from '../../../source/ui/page/use-look.ts';
import {Busy} from '../../../source/ui/stage/busy.tsx';
import {type DrawnFrame, guardResizes} from '../../../source/ui/stage/resize-guard.ts';
import {createStage} from '../../../source/ui/stage/stage.ts';
import {StageView} from '../../../source/ui/stage/stage-view.tsx';
import {everyScreen} from '../screens/every-screen.ts';
import {openTerminal} from '../terminal.ts';

const ends: (() => void)[] = [];
afterEach(() => {
	for (const end of ends.splice(0)) end();
});

/** Draws a screen below a finished line, which is below the output of the shell. */
function show(name: string, columns: number, rows: number, patience?: number, more: readonly Line[] = []) {
	const terminal = openTerminal(columns, rows);
	terminal.stdout.write('$ shell one\n$ shell two\n');
	const stage = createStage({drawBusy: (what) => <Busy what={what} />});
	const frame: DrawnFrame = {widths: []};
	const guard = guardResizes(terminal.stdout, frame, patience);
	const app = render(
		<SizeContext value={guard}>
			<FrameContext value={frame}>
				<StageView stage={stage} erase={() => {}} />
			</FrameContext>
		</SizeContext>,
		{stdin: terminal.stdin, stdout: terminal.stdout, exitOnCtrlC: false, patchConsole: false, incrementalRendering: true, interactive: true},
	);
	guard.attach(app.clear);
	ends.push(app.unmount, guard.end);
	stage.record(() => [line('✔ finished'), ...more]);
	void stage.show((done) => <ScreenView screen={everyScreen()[name]!} onDone={done} />);
	const resize = async (newColumns: number, newRows: number): Promise<string> => {
		const settled = new Promise<void>((resolve) => {
			const end = guard.subscribe(() => {
				end();
				resolve();
			});
		});
		terminal.resize(newColumns, newRows);
		await settled;
		await app.waitUntilRenderFlush();
		await terminal.parsed();
		return terminal.frame();
	};
	let late = {columns, rows};
	/** Replaces the screen by another one below finished lines. */
	const finish = (lines: readonly Line[], next: string): void => {
		stage.record(() => lines);
		void stage.show((done) => <ScreenView screen={everyScreen()[next]!} onDone={done} />);
	};
	const drag = async (newColumns: number, newRows: number): Promise<void> => {
		terminal.drag(newColumns, newRows, late);
		late = {columns: newColumns, rows: newRows};
		await app.waitUntilRenderFlush();
		await terminal.parsed();
	};
	return {...terminal, resize, drag, finish};
}

const times = (text: string, expected: string): number => text.split(expected).length - 1;

describe('resizing leaves no artifacts', () => {
	const rides: readonly (readonly (readonly [columns: number, rows: number])[])[] = [
		[
			[80, 24],
			[40, 24],
			[80, 24],
		],
		[
			[120, 40],
			[60, 40],
			[41, 40],
			[200, 40],
		],
		[
			[80, 24],
			[80, 12],
			[80, 24],
		],
		[
			[80, 24],
			[80, 10],
			[80, 16],
			[80, 40],
		],
		[
			[120, 40],
			[50, 14],
			[120, 40],
		],
		[
			[80, 24],
			[79, 23],
			[78, 22],
			[77, 21],
			[60, 12],
			[61, 13],
			[80, 24],
		],
	];

	test.each(rides.map((ride) => [ride.map((size) => size.join('×')).join(' → '), ride] as const))('%s', async (_name, ride) => {
		const [[columns, rows] = [80, 24], ...more] = ride;
		const terminal = show('rename', columns, rows);
		await terminal.waitFor('decide later');
		for (const [newColumns, newRows] of more) {
			const frame = await terminal.resize(newColumns, newRows);
			expect(times(frame, 'Create a migration'), frame).toBe(1);
			expect(times(frame, 'enter choose'), frame).toBe(1);
			expect(times(frame, '❯'), frame).toBe(1);
		}
		// If it is sent from the first row, tmux keeps everything that it erases in the scrollback.
		expect(terminal.written()).not.toMatch(/\u001b\[[0-3]?J/);
	});

	test('while a window is dragged: the terminal already has the next size when the program is notified of this one', async () => {
		const terminal = show('rename', 120, 40, 1000);
		await terminal.waitFor('decide later');
		for (let move = 1; move <= 40; move++) {
			const [columns, rows] = move <= 20 ? [120 - 4 * move, 40 - 1.6 * move] : [40 + 2 * (move - 20), 8 + (move - 20) / 2];
			await terminal.drag(columns, Math.round(rows));
		}
		const frame = await terminal.resize(80, 24);
		for (const part of ['Create a migration', '❯']) expect(times(terminal.everything(), part), frame).toBe(1);
	});

	test.each([
		[
			[
				[80, 24],
				[40, 12],
				[80, 24],
			],
		],
		[
			[
				[80, 24],
				[40, 12],
				[60, 20],
				[80, 30],
			],
		],
		[
			[
				[120, 40],
				[40, 12],
				[120, 40],
			],
		],
		[
			[
				[80, 24],
				[40, 24],
				[80, 24],
			],
		],
		[
			[
				[80, 24],
				[80, 12],
				[40, 12],
				[80, 24],
			],
		],
	] as const)('keeps every line of finished work, through the sizes %j', async ([[columns, rows], ...later]) => {
		const summary = ['backup', 'applied', 'database', 'undo', 'restore'].map((word) => line(`  ${word.padEnd(9)} ${'lite-migr '.repeat(6)}`));
		const terminal = show('rename', columns, rows, undefined, summary);
		await terminal.waitFor('decide later');
		for (const [newColumns, newRows] of later) await terminal.resize(newColumns, newRows);
		const everything = terminal.everything();
		for (const word of ['backup', 'applied', 'database', 'undo', 'restore'])
			expect(times(everything, `  ${word.padEnd(9)} lite-migr`), everything).toBe(1);
		for (const part of ['Create a migration', '❯']) expect(times(terminal.frame(), part), everything).toBe(1);
	});

	test('keeps lines that were written after the terminal became lower, when it grows again', async () => {
		const terminal = show('rename', 120, 40);
		await terminal.waitFor('decide later');
		await terminal.resize(40, 8);
		terminal.finish(
			Array.from({length: 30}, (_, index) => line(`  done ${index}.`)),
			'fill',
		);
		await terminal.waitFor(() => terminal.everything().includes('done 29.'));
		await terminal.resize(80, 30);
		for (let index = 0; index < 30; index++) expect(times(terminal.everything(), `done ${index}.`), terminal.everything()).toBe(1);
	});

	test('keeps the output of the shell and of finished work above', async () => {
		const terminal = show('rename', 100, 40);
		await terminal.waitFor('decide later');
		for (const [columns, rows] of [
			[60, 40],
			[100, 40],
			[60, 30],
		] as const) {
			const frame = await terminal.resize(columns, rows);
			for (const kept of ['$ shell one', '$ shell two', '✔ finished']) expect(times(frame, kept), frame).toBe(1);
		}
	});
});
