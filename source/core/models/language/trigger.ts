import {identifier} from '../../schema/identifiers.ts';
import {type CallSite, callSite, modelError} from './call-site.ts';
import type {AnyColumn} from './column.ts';
import {type HasModel, modelSymbol, statementAt} from './model.ts';
import {checkName} from './name.ts';
import {checkOptions} from './options.ts';
import {isNamed, isSql, type Named, nameSymbol, type SqlExpression, sqlText} from './sql.ts';
import {trimmedStatement} from './view.ts';

export type TriggerEvent = 'insert' | 'update' | 'delete';

/** The table of a trigger, when it fires, and its statements. */
interface TriggerBody {
	/** The table, or the view for `insteadOf`. Use a string for a table that is defined elsewhere. */
	readonly on: Named | string;
	/** The columns of UPDATE OF. */
	readonly of?: readonly (AnyColumn | string)[];
	/** A condition on `new.…` and `old.…`. The trigger only fires for rows that match it. */
	readonly when?: SqlExpression;
	/** One statement, several in one `sql` with semicolons between them, or a list. */
	readonly do: SqlExpression | readonly SqlExpression[];
}

export type TriggerConfig = TriggerBody &
	(
		| {readonly before: TriggerEvent; readonly after?: never; readonly insteadOf?: never}
		| {readonly before?: never; readonly after: TriggerEvent; readonly insteadOf?: never}
		| {readonly before?: never; readonly after?: never; readonly insteadOf: TriggerEvent}
	);

/** Creates a trigger: ``trigger('touch', {after: 'update', on: user, of: [user.name], do: sql`UPDATE user SET seen = 1 WHERE id = new.id`})``. */
export function trigger(name: string, config: TriggerConfig): HasModel {
	const site = callSite(trigger);
	checkName('trigger', name, site);
	checkOptions(`trigger ${name}`, config, ['before', 'after', 'insteadOf', 'on', 'of', 'when', 'do'], site);
	return {
		[modelSymbol]: {
			protocol: 1,
			kind: 'trigger',
			name,
			get source() {
				return site();
			},
			statements: () => [statementAt(site, {sql: triggerText(name, config, site)})],
		},
	};
}

function triggerText(name: string, config: TriggerConfig, site: CallSite): string {
	const target = isNamed(config.on) ? config.on[nameSymbol] : config.on;
	if (typeof target !== 'string') throw modelError(`trigger ${name} has no table`, site, "write on: user, or on: 'user'");
	const body = (Array.isArray(config.do) ? config.do : [config.do]) as readonly SqlExpression[];
	if (body.length === 0 || !body.every(isSql) || !(config.when === undefined || isSql(config.when))) {
		throw modelError(`trigger ${name}: when and do take expressions`, site, 'write them as sql`…`');
	}
	const of = (config.of ?? []).map((column) => identifier(isNamed(column) ? column[nameSymbol] : column));
	return [
		`CREATE TRIGGER ${identifier(name)} ${timing(name, config, site)}${of.length === 0 ? '' : ` OF ${of.join(', ')}`} ON ${identifier(target)}`,
		...(config.when === undefined ? [] : [`WHEN ${sqlText(config.when, site)}`]),
		'BEGIN',
		...body.map((statement) => `    ${trimmedStatement(statement)};`),
		'END',
	].join('\n');
}

function timing(name: string, {before, after, insteadOf}: TriggerConfig, site: CallSite): string {
	if ([before, after, insteadOf].filter((event) => event !== undefined).length > 1) {
		throw modelError(`trigger ${name} has two events`, site, 'write one trigger for each');
	}
	const [time, event] = before !== undefined ? ['BEFORE', before] : after !== undefined ? ['AFTER', after] : ['INSTEAD OF', insteadOf];
	if (event !== 'insert' && event !== 'update' && event !== 'delete') {
		throw modelError(`trigger ${name} has no event`, site, "write before, after or insteadOf: 'insert', 'update' or 'delete'");
	}
	return `${time} ${event.toUpperCase()}`;
}
