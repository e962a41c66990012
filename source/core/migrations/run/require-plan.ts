import {basename} from 'node:path';
import {MigrError} from '../../errors.ts';
import {clean} from '../../text/clean.ts';
import type {ApplyOptions} from './apply-options.ts';
import {runCommand} from './run-command.ts';
import type {RunPlan} from './run-plan.ts';

/**
 * Stops a run whose plan is not the one that was asked for. Does nothing if none was asked for, or if the id is not known yet.
 *
 * @throws MigrError `answerNeeded`
 */
export function requirePlan(options: ApplyOptions, plan: RunPlan, migrations: readonly {readonly name: string}[]): void {
	const id = plan.id();
	if (options.plan === undefined || id === null || id === options.plan) return;
	throw planChanged(options, id, migrations);
}

/** @param id of the new plan; null if it is not known, or if there is nothing to do any more */
export function planChanged(options: ApplyOptions, id: string | null, migrations: readonly {readonly name: string}[]): MigrError {
	const {database, direction, plan = ''} = options;
	const verb = direction === 'upgrade' ? 'apply' : 'undo';
	const names = migrations.map(({name}) => clean(name)).join(', ');
	const command = runCommand(options);
	return new MigrError('answerNeeded', `${clean(basename(database))} or its migrations changed since you looked: ${plan} is no longer the plan`, {
		details: [
			migrations.length === 0 ? `there is nothing to ${verb} now` : `the ${direction} would now ${verb} ${names}`,
			...(id === null ? [] : [`the plan is ${id} now`]),
		],
		hint: [`to look at the new plan, run ${command} --dry-run`, ...(id === null ? [] : [`to run it, run ${command} --plan ${id}`])].join('\n'),
	});
}
