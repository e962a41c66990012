import {defineCommand} from './line/command.ts';
import {runFlags, runMigrations} from './run-migrations.ts';

export const downgrade = defineCommand({
	name: 'downgrade',
	summary: 'undo the last applied migration, or down to a target',
	flags: runFlags,
	description: [
		'Undoes applied migrations from the last one back, in one transaction. Structure comes back; values that a migration dropped do not: lite-migr restore has them.',
		'Without a terminal a downgrade that loses data ends with exit code 3. --dry-run shows the losses and the id of the plan, --plan ID consents to exactly that plan, --yes to the losses found when it runs.',
	],
	examples: [
		['lite-migr downgrade', 'the last one'],
		['lite-migr downgrade --steps 2', ''],
		['lite-migr downgrade --to 20261122_175200_names', 'which stays applied'],
	],
	hasScreens: ({sql, plan}) => !sql && plan === undefined,
	run: (context) => runMigrations(context, 'downgrade'),
});
