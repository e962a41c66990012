import {expect, test, vi} from 'vitest';
import {blank, line} from '../../../source/ui/page/line.ts';
import {Frame} from '../../../source/ui/page/rows.tsx';
import {createStage} from '../../../source/ui/stage/stage.ts';
import {StageView} from '../../../source/ui/stage/stage-view.tsx';
import {wide} from '../keys/typed.ts';
import {mount} from '../terminal.ts';

const stage = () => createStage({drawBusy: (what) => what()});

test('shows one screen after the other, and returns the result of each', async () => {
	const here = stage();
	const first = here.show<string>((done) => {
		queueMicrotask(() => done('first'));
		return 'one';
	});
	expect(here.view().screen?.node).toBe('one');
	expect(await first).toBe('first');
	void here.show(() => 'two');
	expect(here.view().screen).toEqual({id: 2, node: 'two'});
});

test('shows what is happening only if it takes a moment', async () => {
	vi.useFakeTimers();
	const here = stage();
	expect(await here.busy('reading', Promise.resolve(1))).toBe(1);
	vi.advanceTimersByTime(1000);
	expect(here.view().screen).toBeUndefined();
	const {promise, resolve} = Promise.withResolvers<number>();
	const work = here.busy('reading', promise);
	vi.advanceTimersByTime(1000);
	expect(here.view().screen?.node).toBe('reading');
	resolve(2);
	expect(await work).toBe(2);
	vi.useRealTimers();
});

test('Ctrl-C ends with 130 unless a run handles it', () => {
	const here = stage();
	let heard = 0;
	const release = here.onInterrupt(() => heard++);
	here.interrupt();
	expect([heard, here.view().ending]).toEqual([1, undefined]);
	release();
	here.interrupt();
	expect(here.view().ending).toEqual({code: 130});
});

test('only the first ending counts', () => {
	const here = stage();
	here.end({code: 0});
	here.interrupt();
	expect(here.view().ending).toEqual({code: 0});
});

test('an empty line separates records from the screen below them', () => {
	const here = stage();
	void here.show(() => 'first');
	here.record(() => [line('a')]);
	here.record(() => [line('b')]);
	void here.show(() => 'second');
	void here.show(() => 'third');
	here.record(() => [line('c')]);
	expect(here.view().records.flatMap(({lines}) => lines(wide))).toEqual([line('a'), line('b'), blank, line('c')]);
});

test('records stay in order', () => {
	const here = stage();
	here.record(() => [line('a')]);
	here.record(() => [line('b')]);
	expect(here.view().records.flatMap(({lines}) => lines(wide))).toEqual([line('a'), line('b')]);
});

test('finished output stays in view, regardless of the height of the previous screen', async () => {
	const here = stage();
	const terminal = mount(<StageView stage={here} erase={() => {}} />, 80, 24);
	void here.show(() => <Frame rows={Array.from({length: 23}, (_, row) => line(`row ${row + 1} of a high screen`))} />);
	await terminal.waitFor('row 23');
	here.record(() => [line('✔ wrote it')]);
	await terminal.waitFor('✔ wrote it');
	here.end({code: 0});
	await terminal.waitFor(/^✔ wrote it$/);
});
