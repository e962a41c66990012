import {defineCommand} from './line/command.ts';
import {runFlags, runMigrations} from './run-migrations.ts';

export const upgrade = defineCommand({
	name: 'upgrade',
	summary: 'apply pending migrations',
	flags: runFlags,
	description: [
		'Applies what is pending in one transaction: all of it or nothing. Before anything that loses or rewrites rows a backup is taken. Rows that would break a change are found first, and named.',
		'Without a terminal it applies what loses nothing. If data would be lost or changed, it ends with exit code 3. --dry-run shows the losses and the id of the plan, --plan ID consents to exactly that plan, --yes to the losses found when it runs.',
	],
	examples: [
		['lite-migr upgrade', ''],
		['lite-migr upgrade --dry-run', 'tries it on a copy'],
		['lite-migr upgrade --plan 3f9c1a2b', 'exactly what the dry run showed'],
		['lite-migr upgrade --to 20261122_175200_names', ''],
		['lite-migr upgrade --yes --json', 'for a deployment: events, one a line'],
	],
	hasScreens: ({sql, plan}) => !sql && plan === undefined,
	run: (context) => runMigrations(context, 'upgrade'),
});
