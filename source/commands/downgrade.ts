import {isFleet} from './fleet-flags.ts';
import {defineCommand} from './line/command.ts';
import {runFlags, runMigrations} from './run-migrations.ts';

export const downgrade = defineCommand({
	name: 'downgrade',
	summary: 'undo the last applied migration, or go back to an earlier one',
	flags: runFlags,
	description: [
		'Undoes applied migrations in one transaction, starting with the last one. It restores the schema, but not the values that a migration dropped: to get those back, restore a backup with lite-migr restore.',
		'Without a terminal, a downgrade that would lose data ends with exit code 3. To see the losses and the plan id, use --dry-run. To confirm exactly that plan, use --plan ID; to confirm the losses found when it runs, use --yes.',
	],
	examples: [
		['lite-migr downgrade', 'undo the last migration'],
		['lite-migr downgrade --steps 2', ''],
		['lite-migr downgrade --to 20261122_175200_names', 'that migration stays applied'],
	],
	takesFleet: true,
	// A list from stdin leaves no stdin for keys.
	hasScreens: ({sql, plan, dbList}) => !sql && plan === undefined && dbList !== '-',
	async run(context) {
		if (!isFleet(context.flags, context.cwd)) return await runMigrations(context, 'downgrade');
		const {runFleetMigrations} = await import('./run-fleet-migrations.ts');
		return await runFleetMigrations(context, 'downgrade');
	},
});
