import {defineCommand} from './line/command.ts';
import {runFlags, runMigrations} from './run-migrations.ts';

export const downgrade = defineCommand({
	name: 'downgrade',
	summary: 'undo the last applied migration, or down to a target',
	flags: runFlags,
	description: [
		'Undoes applied migrations from the last one back, in one transaction. Structure comes back; values that a migration dropped do not: lite-migr restore has them.',
		'Without a terminal what loses data needs --yes, otherwise it ends with exit code 3.',
	],
	examples: [
		['lite-migr downgrade', 'the last one'],
		['lite-migr downgrade --steps 2', ''],
		['lite-migr downgrade --to 20261122_175200_names', 'which stays applied'],
	],
	hasScreens: ({sql}) => !sql,
	run: (context) => runMigrations(context, 'downgrade'),
});
