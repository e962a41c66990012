import {basename} from 'node:path';
import {MigrError} from '../../errors.ts';
import {clean} from '../../text/clean.ts';
import type {ApplyOptions} from './apply-options.ts';
import {runCommand} from './run-command.ts';
import type {RunPlan} from './run-plan.ts';

/**
 * Checks that the plan of a run is the requested one. Does nothing if none was requested, or if the id is unknown so far.
 *
 * @throws MigrError `answerNeeded` if it is another plan
 */
export function requirePlan(options: ApplyOptions, plan: RunPlan, migrations: readonly {readonly name: string}[]): void {
	const id = plan.id();
	if (options.plan === undefined || id === null || id === options.plan) return;
	throw planChanged(options, id, migrations);
}

/**
 * Creates the error for a plan that has changed.
 *
 * @param id the id of the new plan, or null if it is unknown or there is nothing left to do
 */
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
		hint: [`to see the new plan, run ${command} --dry-run`, ...(id === null ? [] : [`to run it, run ${command} --plan ${id}`])].join('\n'),
	});
}
