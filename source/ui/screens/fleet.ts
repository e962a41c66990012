import {count, plural} from '../../core/text/numbers.ts';
import type {Consent} from '../components/confirm/reduce-confirm.ts';
import {reduceScroll, type ScrollState, scrollTop} from '../components/scroll-view/reduce-scroll.ts';
import {types} from '../keys/key.ts';
import {done, next} from '../keys/screen-step.ts';
import {blank, line, prose, span} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import {layout, type Page} from '../page/page.ts';
import type {Screen} from '../page/screen.ts';
import {type FleetRun, fleetTitle, planLines} from '../run/fleet-page.ts';
import type {FleetState} from '../run/fleet-state.ts';
import {failureLines, fleetBackupLine, lossLines} from '../run/fleet-summary.ts';
import {type ConsentState, consentScreen} from './consent.ts';

/** A state that has a plan. */
export type PlannedFleet = FleetState & {readonly plan: NonNullable<FleetState['plan']>};

/** Shows what a run on several databases would do. Enter continues. For runs that lose nothing. */
export function fleetReviewScreen(state: PlannedFleet, run: FleetRun): Screen<ScrollState, 'go' | 'stop'> {
	const {plan, failures} = state;
	const files = plan.pending.reduce((sum, group) => sum + group.count, 0);
	const body = [...planLines(plan), ...(failures.length === 0 ? [] : [blank, ...failureLines(failures)])];
	const view = ({offset}: ScrollState, _look: Look): Page => ({
		title: fleetTitle(state, run),
		body,
		offset,
		bottom: [blank, fleetBackupLine(plan)],
		hints: [
			{keys: 'enter', label: `${plan.direction} ${plural(files, 'database')}`},
			{keys: '↑↓', label: 'scroll', explanation: 'also page up, page down, home and end', isExtra: true},
			{keys: 'esc', label: 'stop', explanation: 'nothing is changed'},
		],
	});
	return {
		initial: () => scrollTop,
		reduce: (scroll, key, look) => {
			if (key.name === 'escape' || types(key, 'q')) return done(scroll, 'stop');
			if (key.name === 'enter') return done(scroll, 'go');
			return next(reduceScroll(scroll, key, layout(view(scroll, look), look).body));
		},
		view,
	};
}

/** Shows what a run on several databases would lose, and asks the user to type the number of these databases. */
export function fleetConsentScreen({plan, ...state}: PlannedFleet, {named}: FleetRun): Screen<ConsentState, Consent> {
	const {direction, losses} = plan;
	const lines = [...planLines(plan), blank, ...lossLines(losses), ...(state.failures.length === 0 ? [] : [blank, ...failureLines(state.failures)])];
	return consentScreen({
		title: prose(2, span('▲ ', 'danger'), span(`This ${direction} loses data in ${plural(losses.length, 'database')}`, 'danger')),
		top: [line(span(`${named}   ${count(plan.total)} databases in all`, 'quiet')), blank],
		losses: () => lines,
		safety: [fleetBackupLine(plan)],
		action: direction === 'upgrade' ? 'Upgrade' : 'Downgrade',
		name: String(losses.length),
	});
}
