import type {ApplyEvent, DoneEvent, FailedEvent} from '../../../source/core/migrations/event.ts';
import {apply} from '../../../source/core/migrations/run/apply.ts';
import type {ApplyOptions} from '../../../source/core/migrations/run/apply-options.ts';
import type {ProjectFolder} from '../../project-folder.ts';

type Project = Pick<ProjectFolder, 'file' | 'migrationsDir'>;

export function optionsFor(project: Project, options: Partial<ApplyOptions> = {}): ApplyOptions {
	return {
		database: project.file,
		migrationsDir: project.migrationsDir,
		direction: 'upgrade',
		backup: 'auto',
		toolVersion: '1.0.0',
		consent: false,
		wait: 1,
		now: () => new Date('2026-11-22T17:52:03Z'),
		...options,
	};
}

/** Returns functions that run the migrations of a project and return all events, or the last one if it has the expected type. */
export function runnerFor(project: Project) {
	const run = async (options: Partial<ApplyOptions> = {}): Promise<ApplyEvent[]> => {
		const events: ApplyEvent[] = [];
		for await (const event of apply(optionsFor(project, options))) events.push(event);
		return events;
	};
	return {
		run,
		async done(options: Partial<ApplyOptions> = {}): Promise<DoneEvent> {
			const last = (await run(options)).at(-1);
			if (last?.type !== 'done') throw new Error(JSON.stringify(last));
			return last;
		},
		async failed(options: Partial<ApplyOptions> = {}): Promise<FailedEvent> {
			const last = (await run(options)).at(-1);
			if (last?.type !== 'failed') throw new Error(JSON.stringify(last));
			return last;
		},
	};
}
