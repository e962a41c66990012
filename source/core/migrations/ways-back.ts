import type {DoneEvent} from './event.ts';

/** The commands that take a run back, in order, each with what it does or does not restore if that needs to be said. */
export function waysBack(
	undo: DoneEvent['undo'],
	undoLimits: DoneEvent['undoLimits'],
): readonly (readonly ['undo' | 'restore', command: string, limits: string | null])[] {
	return undo.map((command) =>
		command.includes(' restore ') ? ['restore', command, undoLimits ? 'restores rows and values, too' : null] : ['undo', command, undoLimits],
	);
}
