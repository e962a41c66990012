import type {Key} from '../keys/key.ts';
import type {ScreenStep} from '../keys/screen-step.ts';
import {blank, type Line, prose, span} from '../page/line.ts';
import type {Page} from '../page/page.ts';
import type {Screen} from '../page/screen.ts';
import type {RunPreview} from '../services.ts';

export interface ChangedState<State> {
	readonly openedAt: number;
	readonly inner: State;
}

/** Milliseconds before a new plan accepts keys: an earlier key was meant for the old plan. */
const deaf = 600;

/**
 * Returns a screen that is shown again because its content has changed. It shows a notice, and ignores all keys except Escape until it has been on
 * screen for a moment.
 */
export function changedScreen<State, Result>(screen: Screen<State, Result>, notice: readonly Line[]): Screen<ChangedState<State>, Result> {
	return {
		initial: (now) => ({openedAt: now, inner: screen.initial(now)}),
		reduce: (state, key, look) => {
			if (isEarly(state, key)) return {state};
			const step: ScreenStep<State, Result> = screen.reduce(state.inner, key, look);
			const next = step.state === state.inner ? state : {...state, inner: step.state};
			return step.done === undefined ? {state: next} : {state: next, done: step.done};
		},
		view: (state, look): Page => {
			const page = screen.view(state.inner, look);
			return {...page, top: [...notice, blank, ...(page.top ?? [])]};
		},
	};
}

function isEarly({openedAt}: ChangedState<unknown>, key: Key): boolean {
	return key.name !== 'escape' && key.at - openedAt < deaf;
}

/** `! app.db changed since you looked`, and below it the known differences. */
export function changedLines(what: string, facts: readonly string[]): readonly Line[] {
	return [prose(2, span('! ', 'notice'), span(`${what} changed since you looked`, 'strong')), ...facts.map((fact) => prose(4, '    ', fact))];
}

/** Describes how the plan of a run differs from the one that was shown. */
export function planChanges(was: RunPreview, plan: RunPreview): readonly string[] {
	const names = (of: RunPreview): string => of.migrations.map(({name}) => name).join(', ');
	const verb = plan.direction === 'upgrade' ? 'applies' : 'undoes';
	const facts = [
		...(was.from === plan.from ? [] : [`the newest applied migration is now ${plan.from ?? 'none'}; it was ${was.from ?? 'none'}`]),
		...(names(was) === names(plan) ? [] : [`the new plan ${verb} ${names(plan) || 'nothing'}; the old one: ${names(was)}`]),
		...(losses(was) === losses(plan) ? [] : ['different rows or values would be lost']),
	];
	return facts.length > 0 ? facts : [`the new plan ${verb} the same migrations, but files, schema or rows have changed`];
}

function losses({findings, rehearsal}: RunPreview): string {
	return JSON.stringify(
		[
			findings.filter(({destructive}) => destructive).map(({table, column, rows, samples}) => [table, column, rows, samples]),
			rehearsal?.effects ?? [],
		],
		(_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
	);
}
