import {visitAll} from '../core/migrations/fleet/visit.ts';
import {projectState} from '../core/migrations/history/state.ts';
import {clean} from '../core/text/clean.ts';
import {count, plural} from '../core/text/numbers.ts';
import {type FleetContext, fleetOf} from './fleet-configs.ts';
import {fleetSummary} from './fleet-summary.ts';
import type {FleetStatusJson, StatusJson} from './json.ts';
import type {Context} from './line/command.ts';
import {type ExitCode, exitCode} from './line/exit-code.ts';
import {fleetLockWait} from './lock-wait.ts';
import {modelFacts} from './pending-facts.ts';
import {noModelFacts, stateFactsOf, statusJson, withLosses} from './status-facts.ts';
import {shownPath} from './text/error-text.ts';
import {printSkipped} from './text/fleet-text.ts';

/** Shows the state of several databases, grouped by state. Facts that depend only on a state are determined once per state. */
export async function fleetStatus(context: FleetContext & Pick<Context, 'output' | 'onInterrupt'>): Promise<ExitCode> {
	const {cwd, output} = context;
	const {configs, skipped} = await fleetOf(context);
	printSkipped(skipped, output);
	const summary = fleetSummary(context);
	const states = new Map<string, {readonly status: StatusJson; readonly at: string | null; readonly databases: string[]}>();
	const visits = visitAll(
		configs,
		async ({config, db, migrations, once}) => {
			const {state, facts, models} = await once(async () => {
				const found = projectState(migrations, db);
				const facts = await stateFactsOf(config, db, found, {comparesModels: true});
				return {state: found, facts, models: facts.base === undefined ? noModelFacts : await modelFacts(config, db, facts.base)};
			});
			return statusJson(config, db, await withLosses(state, facts, db), models);
		},
		fleetLockWait(context),
	);
	for await (const visit of visits) {
		summary.add(visit);
		if ('failure' in visit) continue;
		const {config, state, value: status} = visit;
		output.json({type: 'status', ...status} satisfies FleetStatusJson);
		const key = JSON.stringify([state, status.pending, status.edited, status.missing, status.drift, status.ahead, status.pendingError]);
		const group = states.get(key) ?? {status, at: state.at, databases: []};
		states.set(key, group);
		group.databases.push(shownPath(config.dbPath, cwd));
	}
	for (const {status, at, databases} of [...states.values()].toSorted((a, b) => b.databases.length - a.databases.length)) {
		output.line(`${plural(databases.length, 'database')}   ${at === null ? 'no migration applied' : `at ${clean(at)}`}`);
		for (const line of linesOf(status)) output.line(`  ${line}`);
		if (states.size > 1) output.line(output.paint('quiet', `  ${namesOf(databases)}`));
	}
	return summary.end() ? exitCode.failed : exitCode.done;
}

function linesOf({pending, edited, missing, drift, ahead, questions, pendingError, inSync}: StatusJson): readonly string[] {
	if (inSync) return ['✔ up to date'];
	const losing = pending.filter(({destructive}) => destructive).length;
	return [
		...(pending.length === 0
			? []
			: [
					`○ ${plural(pending.length, 'migration is', 'migrations are')} pending${losing === 0 ? '' : ` (${count(losing)} may lose data)`}: lite-migr upgrade`,
				]),
		...(pendingError === undefined ? [] : [`✗ a pending migration cannot be applied: ${clean(pendingError.message)}`]),
		...(edited.length === 0 ? [] : [`! edited after they were applied: ${edited.map(clean).join(', ')}`]),
		...(missing.length === 0 ? [] : [`! the files of applied migrations are missing: ${missing.map(clean).join(', ')}`]),
		...drift.map((one) => `! drift: ${one}`),
		...(ahead.length + questions === 0 ? [] : [`! models are ahead of the migrations: ${plural(ahead.length + questions, 'change')}`]),
	];
}

/** Names a few databases of a state. */
function namesOf(databases: readonly string[]): string {
	return `${databases.slice(0, 5).join(', ')}${databases.length > 5 ? ` and ${count(databases.length - 5)} more` : ''}`;
}
