import {basename} from 'node:path';
import {MigrError, type MigrErrorOptions} from '../../errors.ts';
import {type Advice, advice, adviceLines} from '../../text/advice.ts';
import {clean} from '../../text/clean.ts';
import {thrownText} from '../../text/thrown.ts';
import {type Finding, hasMore} from '../finding.ts';
import {type ApplyOptions, runCommand} from './apply-options.ts';
import type {RunPlan} from './run-plan.ts';

/** The error for losses without consent, with the code `answerNeeded`. Its hint names the plan if the id is known. */
export class ConsentNeeded extends MigrError {
	/** The id of the plan in the hint. Null if it is unknown so far. */
	readonly plan: string | null;

	constructor(message: string, plan: string | null, options: MigrErrorOptions) {
		super('answerNeeded', message, options);
		this.plan = plan;
	}
}

/**
 * Stops a run that would fail on existing rows, or that would lose data without consent. A dry run only reports losses. A run with a plan consents to
 * the losses in that plan, because its id covers them.
 *
 * @param plan the id of the plan, or null if unknown
 * @throws MigrError `hazard` if existing rows would make the run fail
 * @throws ConsentNeeded if consent is missing
 */
export async function requireConsent(options: ApplyOptions, findings: readonly Finding[], plan: string | null): Promise<void> {
	const failing = findings.filter(({blocking}) => blocking);
	const [first] = failing;
	if (first !== undefined) {
		throw new MigrError('hazard', failing.length === 1 ? findingLine(first) : `${failing.length} problems in existing rows would make the run fail`, {
			location: {...first.location, table: first.table},
			details: failing.flatMap((finding) => detailsOf(finding, failing.length > 1)),
			hint: first.fixes.join('; ') || 'fix the rows and run the command again',
		});
	}
	const destructive = findings.filter((finding) => finding.destructive);
	const {consent, dryRun} = options;
	if (destructive.length === 0 || dryRun === true || options.plan !== undefined) return;
	if (typeof consent === 'function' ? await agrees(consent, findings) : consent === true) return;
	throw consentNeeded(options, destructive.map(findingLine), plan);
}

/**
 * Asks a function of the program. Only `true` is consent: the result of a dialog, such as the number of a button, is not.
 *
 * @throws MigrError `answerNeeded` if the function throws
 */
export async function agrees<Losses>(consent: (losses: Losses) => unknown, losses: Losses): Promise<boolean> {
	try {
		return (await consent(losses)) === true;
	} catch (cause) {
		if (cause instanceof MigrError) throw cause;
		throw new MigrError('answerNeeded', `the function consent failed: ${clean(thrownText(cause))}`, {hint: 'correct the function', cause});
	}
}

/**
 * Creates the error for missing consent.
 *
 * @param details the losses, one per line
 */
export function consentNeeded(options: ApplyOptions, details: readonly string[], plan: string | null): ConsentNeeded {
	return new ConsentNeeded(`this ${options.direction} would lose or change data and needs confirmation`, plan, {
		details,
		hint: consentHint(options, plan),
	});
}

/** Returns the commands that consent to this plan or to any losses, and the one that tries the run on a copy. */
export function consentHint(options: ApplyOptions, plan: string | null): Advice {
	const command = runCommand(options);
	return adviceLines([
		...(plan === null ? [] : [advice`to confirm exactly this plan, ${planOption(command, plan)}`]),
		advice`to confirm${plan === null ? '' : ' any losses found when it runs'}, ${{command: `run ${command} --yes`, program: 'set consent: true'}}`,
		advice`to try it on a copy first, ${dryRunOption(command)}`,
	]);
}

function planOption(command: string, plan: string): Advice {
	return {command: `run ${command} --plan ${plan}`, program: `set plan: '${plan}'`};
}

function dryRunOption(command: string): Advice {
	return {command: `run ${command} --dry-run`, program: 'set dryRun: true'};
}

/** Returns a finding as one line: `user.nick: 2 of 3 rows are NULL`. */
export function findingLine({kind, table, column, message}: Finding): string {
	const colon = kind === 'dropTable' || kind === 'dropColumn' ? '' : ':';
	return `${clean(column === null ? table : `${table}.${column}`)}${colon} ${message}`;
}

function detailsOf(finding: Finding, withLine: boolean): readonly string[] {
	const samples = finding.samples.map(({row}) => row).filter((row) => row !== '');
	return [
		...(withLine ? [findingLine(finding)] : []),
		...(samples.length === 0 ? [] : [`${samples.join(' · ')}${hasMore(finding) ? ' …' : ''}`]),
		...(finding.sql === null ? [] : [`find all:  ${finding.sql}`]),
	];
}

/**
 * Checks that the plan of a run is the requested one. Does nothing if none was requested, or if the id is unknown so far.
 *
 * @throws MigrError `answerNeeded` if the plan differs
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
		hint: adviceLines([
			advice`to see the new plan, ${dryRunOption(command)}`,
			...(id === null ? [] : [advice`to run it, ${planOption(command, id)}`]),
		]),
	});
}
