import {statementFacts} from '../../ddl/statements/statement-facts.ts';
import {MigrError, restated} from '../../errors.ts';
import {extensionsOf} from '../../sqlite/has-extension.ts';
import {missingExtension} from '../../sqlite/missing-extension.ts';
import {thrownText} from '../../text/thrown.ts';
import {lossFindings} from '../effects/losses.ts';
import {isLoss} from '../effects/measured-table.ts';
import type {ApplyEvent} from '../event.ts';
import {planId} from '../plan-id.ts';
import type {ApplyOptions} from './apply-options.ts';
import {ConsentNeeded, consentHint, planChanged, requireConsent} from './consent.ts';
import type {Examined} from './examine.ts';
import type {PreparedRun} from './prepared-run.ts';
import type {Rehearsal, Run} from './run.ts';

/**
 * How to read this file. Three questions can only be answered by running the statements first, on a private copy: whether a migration outside a
 * transaction loses data, whether a run that is committed in parts follows its plan, and which plan id an error about consent should name.
 */

/**
 * True if the effects must be known before the run, because a migration outside a transaction cannot be rolled back. Consent covers losses, but not rows
 * without a parent. A run with a plan is tried in any case.
 */
export function needsRehearsal(
	{options: {consent, dryRun, plan}, target: {isNew}}: Run,
	{migrations, touched}: Pick<PreparedRun, 'migrations' | 'touched'>,
): boolean {
	if (dryRun === true || plan !== undefined || isNew) return false;
	const outside = migrations.filter(({transaction}) => !transaction).flatMap(({operations}) => operations);
	if (!outside.some(({kind}) => kind === 'execute' || kind === 'run')) return false;
	const writesRows = outside.some((operation) => operation.kind === 'execute' && statementFacts(operation.sql).kind === 'data');
	return consent !== true || writesRows || touched === 'all' || touched.size > 0;
}

/** Runs everything on a private copy first, and stops if that loses data without consent. */
export async function* requireRehearsedConsent(run: Run): AsyncGenerator<ApplyEvent, void, void> {
	yield {type: 'notice', message: 'trying the run on a copy first: a migration outside a transaction cannot be rolled back'};
	const {plan, events} = successful(await run.rehearse({consent: true}), run.options);
	const lost = events.flatMap((event) =>
		event.type === 'effects' ? event.tables.filter(isLoss).map((effect) => ({migration: event.migration, effect})) : [],
	);
	await requireConsent(run.options, lossFindings(lost), plan);
}

/**
 * Tries the run on a private copy if its plan id is known only at the end and a part of it is committed earlier. Each migration must then have the same
 * effects as on the copy.
 *
 * @throws MigrError `answerNeeded` if the plan is not the one in the options
 */
export async function foresee({options, rehearse}: Run, {plan, prepared: {files}}: Examined): Promise<void> {
	if (options.plan === undefined || !plan.isMeasured) return;
	const {measured} = successful(await rehearse(), options);
	const id = planId(plan.base, measured);
	if (id !== options.plan) throw planChanged(options, id, files);
	plan.foresee(measured, () => planChanged(options, null, files));
}

/** @throws MigrError the error of the run on the private copy, if it failed */
function successful(rehearsal: Rehearsal, {connection}: Pick<ApplyOptions, 'connection'>): Rehearsal {
	const {end} = rehearsal;
	if (end.type === 'done') return rehearsal;
	const {code, message, details, location, hint} = end;
	const error = new MigrError(code, message, {details, ...(location === null ? {} : {location}), ...(hint === null ? {} : {hint})});
	const missing = lackedByCopy(error, connection);
	if (missing === undefined) throw error;
	throw restated(error, {
		hint: `a migration outside a transaction is tried on a copy first, without the ${missing} of this connection: remove transaction = false from it`,
	});
}

/** Size in bytes. A larger database is not copied only to find the id of a plan. */
const smallDatabase = 1_000_000_000;

/** Adds the id of the plan to an error about consent. If it is known only after statements have run, they run on a private copy. */
export async function withPlan(error: unknown, {options, bytes, rehearse}: Run): Promise<unknown> {
	if (!(error instanceof ConsentNeeded) || error.plan !== null || bytes > smallDatabase) return error;
	const {plan} = await rehearse();
	return plan === null ? error : restated(error, {hint: consentHint(options, plan)});
}

/** Explains that the copy of a dry run does not have a function or collation that the connection of the program has. Returns other errors unchanged. */
export function explainedForCopy(error: unknown, {connection, dryRun}: Pick<ApplyOptions, 'connection' | 'dryRun'>): unknown {
	const missing = dryRun === true ? lackedByCopy(error, connection) : undefined;
	if (missing === undefined) return error;
	return restated(error as MigrError, {
		hint: `a dry run works on a copy without the ${missing} of this connection: apply the migration without dryRun`,
	});
}

/** Returns what the connection of the program has and its copy does not have, if an error is about that. */
function lackedByCopy(error: unknown, connection: ApplyOptions['connection']): string | undefined {
	if (connection === undefined || !(error instanceof MigrError)) return undefined;
	const missing = missingExtension(error.message) ?? missingExtension(thrownText(error.cause));
	return missing !== undefined && extensionsOf(connection)(missing) ? missing : undefined;
}
