import {expect, test} from 'vitest';
import {ClockContext} from '../../../source/ui/keys/clock.ts';
import {line} from '../../../source/ui/page/line.ts';
import {SignalsContext, terminalSignals} from '../../../source/ui/stage/signals.ts';
import {FollowView} from '../../../source/ui/views/follow-view.tsx';
import {mount} from '../terminal.ts';

/** Follows work of this many milliseconds, and returns what was written besides text. */
async function signalsOf(duration: number): Promise<string> {
	let time = 0;
	let written = '';
	const {promise, resolve} = Promise.withResolvers<void>();
	const events = async function* () {
		yield 0.5;
		// One frame, for the title.
		await new Promise((done) => setTimeout(done, 150));
		time = duration;
		await new Promise((done) => setTimeout(done, 150));
	};
	const signals = terminalSignals((text) => {
		written += text;
	});
	const ui = mount(
		<ClockContext value={() => time}>
			<SignalsContext value={signals}>
				<FollowView
					events={events()}
					initial={0}
					reduce={(_share: number, event: number) => event}
					page={(share) => ({title: line(`share ${share}`), body: [], hints: []})}
					isFrequent={() => false}
					name="app.db"
					share={(share) => share}
					onDone={() => resolve()}
				/>
			</SignalsContext>
		</ClockContext>,
	);
	await ui.waitFor('share 0.5');
	await promise;
	ui.unmount();
	return written;
}

const [title, ended, bell] = ['\u001b[22;0t\u001b]0;50% app.db\u0007\u001b]9;4;1;50\u0007', '\u001b[23;0t\u001b]9;4;0;0\u0007', '\u0007'];

test.each([
	['half a second changes nothing', 500, ''],
	['two seconds shows its progress in the title and in the taskbar', 2000, title + ended],
	['eleven seconds also rings the bell at its end', 11_000, title + ended + bell],
])('work of %s', async (_name, duration, expected) => {
	expect(await signalsOf(duration)).toBe(expected);
});
