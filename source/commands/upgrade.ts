import {isFleet} from './fleet-flags.ts';
import {defineCommand} from './line/command.ts';
import {runFlags, runMigrations} from './run-migrations.ts';

export const upgrade = defineCommand({
	name: 'upgrade',
	summary: 'apply pending migrations',
	flags: runFlags,
	description: [
		'Applies all pending migrations in one transaction: either all of them or none. Before writing anything, it checks the rows and lists those that would break a change. It takes a backup before anything that loses or rewrites rows.',
		'Without a terminal, it applies migrations that lose nothing. If data would be lost or changed, it ends with exit code 3. To see the losses and the plan id, use --dry-run. To confirm exactly that plan, use --plan ID; to confirm the losses found when it runs, use --yes.',
	],
	examples: [
		['lite-migr upgrade', ''],
		['lite-migr upgrade --dry-run', 'try it on a copy first'],
		['lite-migr upgrade --plan 3f9c1a2b', 'run exactly what the dry run showed'],
		['lite-migr upgrade --to 20261122_175200_names', ''],
		['lite-migr upgrade --yes --json', 'for deployments: one JSON event per line'],
	],
	takesFleet: true,
	// A list from stdin leaves no stdin for keys.
	hasScreens: ({sql, plan, dbList}) => !sql && plan === undefined && dbList !== '-',
	async run(context) {
		if (!isFleet(context.flags, context.cwd)) return await runMigrations(context, 'upgrade');
		const {runFleetMigrations} = await import('./run-fleet-migrations.ts');
		return await runFleetMigrations(context, 'upgrade');
	},
});
