import type {Visited} from '../core/migrations/fleet/visit.ts';
import {addressed, addressOf} from '../core/text/address.ts';
import type {FleetContext} from './fleet-configs.ts';
import type {FleetSummaryJson} from './json.ts';
import type {Context} from './line/command.ts';
import {problemText, shownPath} from './text/error-text.ts';

/** Collects the results for the databases of a fleet, for the last line of a command that only reads. */
export interface FleetSummary {
	/** Adds a database. Prints its failure. */
	add(visit: Visited<unknown>): void;
	/** Prints the last line of JSON. Returns true if a database could not be read. */
	end(): boolean;
}

/** Returns an empty summary. */
export function fleetSummary({flags, cwd, output}: Pick<FleetContext, 'flags' | 'cwd'> & Pick<Context, 'output'>): FleetSummary {
	const failed: FleetSummaryJson['failed'][number][] = [];
	const groups = new Map<string, {at: string | null; schema: string | null; count: number}>();
	let total = 0;
	return {
		add(visit) {
			const {config, state} = visit;
			total++;
			const key = JSON.stringify(state);
			const group = groups.get(key) ?? {...state, count: 0};
			groups.set(key, {...group, count: group.count + 1});
			if (!('failure' in visit)) return;
			const {code, message, details, hint} = visit.failure;
			const name = shownPath(config.dbPath, cwd);
			const shownHint = hint && addressed(hint, addressOf({config: flags.config, db: name}));
			failed.push({database: config.dbPath, code, message, hint: shownHint});
			output.json({type: 'failed', database: config.dbPath, code, message, hint: shownHint, details});
			output.problem(problemText({message: `${name}   ${code}: ${message}`, details, hint: shownHint}, {cwd}));
		},
		end() {
			const sorted = [...groups.values()].toSorted((a, b) => b.count - a.count);
			output.json({type: 'fleet', total, failed, groups: sorted} satisfies FleetSummaryJson);
			return failed.length > 0;
		},
	};
}
