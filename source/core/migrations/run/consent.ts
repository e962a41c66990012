import {MigrError} from '../../errors.ts';
import {clean} from '../../text/clean.ts';
import {type Finding, hasMore} from '../finding.ts';
import type {ApplyOptions} from './apply-options.ts';

/**
 * Stops a run that rows would make fail, or that would lose something nobody has consented to. A dry run only tells.
 *
 * @throws MigrError `hazard` or `answerNeeded`
 */
export async function requireConsent({consent, dryRun, direction, to, steps}: ApplyOptions, findings: readonly Finding[]): Promise<void> {
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
	if (destructive.length === 0 || dryRun === true) return;
	if (consent === true || (typeof consent === 'function' && (await consent(findings)))) return;
	const command = [
		'lite-migr',
		direction,
		...(to === undefined ? [] : ['--to', to]),
		...(steps === undefined ? [] : ['--steps', String(steps)]),
	].join(' ');
	throw new MigrError('answerNeeded', 'this run loses or changes data, and nobody has agreed to that', {
		details: destructive.map(lineFor),
		hint: `${command} --yes does it; ${command} --dry-run tries it on a copy`,
	});
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
