import type {DoneEvent} from './event.ts';

/** Returns the commands that undo a run, in order, each with its limits: what it restores or does not restore. Null if there is nothing to add. */
export function waysBack(
	undo: DoneEvent['undo'],
	undoLimits: DoneEvent['undoLimits'],
): readonly (readonly ['undo' | 'restore', command: string, limits: string | null])[] {
	return undo.map((command) =>
		command.includes(' restore ') ? ['restore', command, undoLimits ? 'restores rows and values, too' : null] : ['undo', command, undoLimits],
	);
}
