import {visitAll} from '../core/migrations/fleet/visit.ts';
import {addressed, addressOf} from '../core/text/address.ts';
import {count, plural} from '../core/text/numbers.ts';
import {type Checked, checked, checkJson, printProblem} from './checked.ts';
import {type FleetContext, fleetOf} from './fleet-configs.ts';
import {fleetSummary} from './fleet-summary.ts';
import type {CheckJson, FleetCheckJson} from './json.ts';
import type {Context} from './line/command.ts';
import {type ExitCode, exitCode} from './line/exit-code.ts';
import {fleetLockWait} from './lock-wait.ts';
import {shownPath} from './text/error-text.ts';
import {printSkipped} from './text/fleet-text.ts';

/** The number of databases that are named for each state. JSON contains all of them. */
const shownFiles = 20;

/** Matches a command that works on one database only. */
const isForOne = /\blite-migr (?:baseline|create|diff|pull|restore|squash)\b/;

/** Checks several databases. Each history and schema is checked once. */
export async function fleetCheck(context: FleetContext & Pick<Context, 'output' | 'onInterrupt'>): Promise<ExitCode> {
	const {cwd, output} = context;
	const {configs, skipped} = await fleetOf(context);
	printSkipped(skipped, output);
	const summary = fleetSummary(context);
	const groups = new Map<Checked, string[]>();
	const visits = visitAll(configs, ({config, db, migrations, once}) => once(() => checked(config, db, migrations, cwd)), fleetLockWait(context));
	for await (const visit of visits) {
		summary.add(visit);
		if ('failure' in visit) continue;
		const json = addressedTo(visit.config.dbPath, checkJson(visit.value), context);
		output.json({type: 'check', database: visit.config.dbPath, ...json} satisfies FleetCheckJson);
		const names = groups.get(visit.value) ?? [];
		groups.set(visit.value, names);
		names.push(shownPath(visit.config.dbPath, cwd));
	}
	const good = [...groups].filter(([{problems}]) => problems.length === 0).flatMap(([, databases]) => databases);
	if (good.length > 0) output.line(`✔ models, migrations and ${plural(good.length, 'database')} agree`);
	const bad = [...groups].filter(([{problems}]) => problems.length > 0);
	for (const [found, databases] of bad) {
		const first = addressedTo(databases[0] ?? '', checkJson(found), context).problems;
		// If the next step can run on all of these databases, the output adds the pattern or list of the command line.
		const problems =
			databases.length === 1 ? first : found.problems.map((problem, index) => (isForOne.test(problem.hint) ? (first[index] ?? problem) : problem));
		output.line(`${plural(databases.length, 'database')}: ${databases.slice(0, shownFiles).join(', ')}${more(databases)}`);
		for (const problem of problems) printProblem(problem, output);
	}
	if (summary.end()) return exitCode.failed;
	return bad.length > 0 ? exitCode.differs : exitCode.done;
}

/** Returns the problems of a database, with commands that name the database. */
function addressedTo(database: string, json: CheckJson, {flags, cwd}: FleetContext): CheckJson {
	const address = addressOf({config: flags.config, db: shownPath(database, cwd)});
	return {...json, problems: json.problems.map((problem) => ({...problem, hint: addressed(problem.hint, address)}))};
}

function more(databases: readonly string[]): string {
	return databases.length > shownFiles ? ` and ${count(databases.length - shownFiles)} more` : '';
}
