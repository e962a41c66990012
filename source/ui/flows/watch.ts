import type {ReactNode} from 'react';
import type {Flow} from './flow.ts';

/** Milliseconds between two looks at the files. */
const period = 1000;

/**
 * Shows a screen like `stage.show`, and ends it with `onChange` when models, migrations or the database change. The state cannot be read, for example
 * during a run of another process, until it can be read again.
 */
export async function showWatched<Result>(
	{stage, services}: Flow,
	draw: (done: (result: Result) => void) => ReactNode,
	onChange: Result,
): Promise<Result> {
	let finish = (_: Result): void => {};
	let before: string | undefined;
	let isLooking = false;
	const look = async (): Promise<void> => {
		if (isLooking) return;
		isLooking = true;
		const now = await services.stateKey().catch(() => undefined);
		isLooking = false;
		if (now === undefined) return;
		if (before !== undefined && now !== before) finish(onChange);
		before = now;
	};
	void look();
	const timer = setInterval(() => void look(), period);
	try {
		return await stage.show<Result>((done) => {
			finish = done;
			return draw(done);
		});
	} finally {
		clearInterval(timer);
	}
}
