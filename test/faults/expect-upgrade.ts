import {join} from 'node:path';
import {expect} from 'vitest';
import type {ApplyEvent} from '../../source/core/migrations/event.ts';
import {apply} from '../../source/core/migrations/run/apply.ts';
import {expectWhole, leftovers} from './database-state.ts';
import type {RewriteCopy, RewriteProject} from './rewrite-project.ts';

/** Upgrades a copy in this process, for example after a fault. Checks that it succeeds with the usual result and leaves no stray files. */
export async function expectUpgrade({path, file}: RewriteCopy, {contents}: RewriteProject): Promise<void> {
	let last: ApplyEvent | undefined;
	const options = {
		migrationsDir: join(path, 'migrations'),
		direction: 'upgrade',
		backup: 'auto',
		toolVersion: '1.0.0',
		consent: false,
		wait: 0,
	} as const;
	for await (const event of apply({database: file, ...options})) last = event;
	expect(last).toMatchObject({type: 'done'});
	expectWhole(file, {new: contents.new});
	expect(leftovers(file)).toEqual([]);
}
