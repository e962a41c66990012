/**
 * Runs a function that reports events through a callback, and yields these events. After the last event, it returns the result of the function or
 * throws its error.
 */
export async function* emitted<Event, Result>(work: (emit: (event: Event) => void) => Promise<Result>): AsyncGenerator<Event, Result, void> {
	const queue: Event[] = [];
	let wake = () => {};
	let isOver = false;
	const running = work((event) => {
		queue.push(event);
		wake();
	}).finally(() => {
		isOver = true;
		wake();
	});
	// Its error is thrown below, when the queue is empty.
	running.catch(() => {});
	for (;;) {
		const event = queue.shift();
		if (event !== undefined) yield event;
		else if (isOver) return await running;
		else {
			await new Promise<void>((resolve) => {
				wake = resolve;
			});
		}
	}
}
