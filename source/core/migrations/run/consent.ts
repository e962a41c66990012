import {MigrError, type MigrErrorOptions} from '../../errors.ts';
import {clean} from '../../text/clean.ts';
import {type Finding, hasMore} from '../finding.ts';
import type {ApplyOptions} from './apply-options.ts';
import {runCommand} from './run-command.ts';

/** Something would be lost that nobody has consented to: `answerNeeded`. Its hint names the plan if its id is known. */
export class ConsentNeeded extends MigrError {
	/** The id of the plan that its hint names; null if that is not known yet. */
	readonly plan: string | null;

	constructor(message: string, plan: string | null, options: MigrErrorOptions) {
		super('answerNeeded', message, options);
		this.plan = plan;
	}
}

/**
 * Stops a run that rows would make fail, or that would lose something without consent. A dry run only reports. A run with a plan consents to what that
 * plan lists: its id covers it.
 *
 * @param plan the id of the plan, if it is known
 * @throws MigrError `hazard`, ConsentNeeded
 */
export async function requireConsent(options: ApplyOptions, findings: readonly Finding[], plan: string | null): Promise<void> {
	const failing = findings.filter(({fails}) => fails);
	const [first] = failing;
	if (first !== undefined) {
		throw new MigrError('hazard', failing.length === 1 ? lineFor(first) : `${failing.length} things in the rows would make the run fail`, {
			location: {...first.location, table: first.table},
			details: failing.flatMap((finding) => detailsOf(finding, failing.length > 1)),
			hint: first.mend.join('; ') || 'mend the rows, then run it again',
		});
	}
	const destructive = findings.filter((finding) => finding.destructive);
	const {consent, dryRun} = options;
	if (destructive.length === 0 || dryRun === true || options.plan !== undefined) return;
	if (consent === true || (typeof consent === 'function' && (await consent(findings)))) return;
	throw consentNeeded(options, destructive.map(lineFor), plan);
}

/** @param details what would be lost, one per line */
export function consentNeeded(options: ApplyOptions, details: readonly string[], plan: string | null): ConsentNeeded {
	return new ConsentNeeded(`this ${options.direction} would lose or change data and needs confirmation`, plan, {
		details,
		hint: consentHint(options, plan),
	});
}

/** The commands that consent to this plan or to any losses, and the one that only tries the run. */
export function consentHint(options: ApplyOptions, plan: string | null): string {
	const command = runCommand(options);
	return [
		...(plan === null ? [] : [`to confirm exactly this plan, run ${command} --plan ${plan}`]),
		`to confirm${plan === null ? '' : ' any losses found when it runs'}, run ${command} --yes`,
		`to try it on a copy first, run ${command} --dry-run`,
	].join('\n');
}

function lineFor({kind, table, column, message}: Finding): string {
	const colon = kind === 'dropTable' || kind === 'dropColumn' ? '' : ':';
	return `${clean(column === null ? table : `${table}.${column}`)}${colon} ${message}`;
}

function detailsOf(finding: Finding, withLine: boolean): readonly string[] {
	const samples = finding.samples.map(({row}) => row).filter((row) => row !== '');
	return [
		...(withLine ? [lineFor(finding)] : []),
		...(samples.length === 0 ? [] : [`${samples.join(' · ')}${hasMore(finding) ? ' …' : ''}`]),
		...(finding.sql === null ? [] : [`all of them:  ${finding.sql}`]),
	];
}
