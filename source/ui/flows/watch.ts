import type {ReactNode} from 'react';
import type {Services} from '../services.ts';
import type {Flow} from './flow.ts';

/** Milliseconds between two checks of the files. */
const period = 1000;

/**
 * Shows a screen like `stage.show`, and ends it with `onChange` when models, migrations or the database change. The state cannot be read, for example
 * during a run of another process, until it can be read again.
 *
 * @param known the state that the screen shows. Must be read before the shown data, or a change in between is never detected
 */
export async function showWatched<Result>(
	{stage, services}: Flow,
	draw: (done: (result: Result) => void) => ReactNode,
	onChange: Result,
	known: Promise<string | undefined> = stateOf(services),
): Promise<Result> {
	let finish = (_: Result): void => {};
	let before: string | undefined;
	let isLooking = true;
	void known.then((state) => {
		before = state;
		isLooking = false;
	});
	const look = async (): Promise<void> => {
		if (isLooking) return;
		isLooking = true;
		const now = await stateOf(services);
		isLooking = false;
		if (now === undefined) return;
		if (before !== undefined && now !== before) finish(onChange);
		before = now;
	};
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

/** Returns a text that changes with the state. Undefined if it cannot be read. */
export function stateOf(services: Pick<Services, 'stateKey'>): Promise<string | undefined> {
	return services.stateKey().catch(() => undefined);
}
