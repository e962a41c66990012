import {defineCommand} from './line/command.ts';
import {runFlags, runMigrations} from './run-migrations.ts';

export const upgrade = defineCommand({
	name: 'upgrade',
	summary: 'apply pending migrations',
	flags: runFlags,
	description: [
		'Applies what is pending in one transaction: all of it or nothing. Before anything that loses or rewrites rows a backup is taken. Rows that would break a change are found first, and named.',
		'Without a terminal it applies what loses nothing; what loses or changes data needs --yes, otherwise it ends with exit code 3.',
	],
	examples: [
		['lite-migr upgrade', ''],
		['lite-migr upgrade --dry-run', 'tries it on a copy'],
		['lite-migr upgrade --to 20261122_175200_names', ''],
		['lite-migr upgrade --yes --json', 'for a deployment: events, one a line'],
	],
	hasScreens: ({sql}) => !sql,
	run: (context) => runMigrations(context, 'upgrade'),
});
