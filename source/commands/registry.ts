import type {Command} from './line/command.ts';

/** Every command, in help order. A command is loaded when it is needed. */
export const commands = {
	init: async () => (await import('./init.ts')).init,
	create: async () => (await import('./create.ts')).create,
	upgrade: async () => (await import('./upgrade.ts')).upgrade,
	downgrade: async () => (await import('./downgrade.ts')).downgrade,
	status: async () => (await import('./status.ts')).status,
	diff: async () => (await import('./diff.ts')).diff,
	check: async () => (await import('./check.ts')).check,
	pull: async () => (await import('./pull.ts')).pull,
	baseline: async () => (await import('./baseline.ts')).baseline,
	squash: async () => (await import('./squash.ts')).squash,
	bundle: async () => (await import('./bundle.ts')).bundle,
	restore: async () => (await import('./restore.ts')).restore,
	completion: async () => (await import('./completion.ts')).completion,
} satisfies Readonly<Record<string, () => Promise<Command>>>;
