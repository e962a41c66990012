import {isLoss} from '../../core/migrations/effects/measured-table.ts';
import type {TableEffect} from '../../core/migrations/event.ts';
import type {Finding} from '../../core/migrations/finding.ts';
import {bytes, duration, plural} from '../../core/text/numbers.ts';
import {browseHints, filterLines, typingHints} from '../components/browse/browse-lines.ts';
import {type BrowseState, browseTop, reduceBrowse} from '../components/browse/reduce-browse.ts';
import type {Consent} from '../components/confirm/reduce-confirm.ts';
import {errorLines} from '../components/error-view/error-lines.ts';
import {types} from '../keys/key.ts';
import {done, next} from '../keys/screen-step.ts';
import {keepLast} from '../page/keep-last.ts';
import {blank, type Line, line, prefixed, prose, ruled, ruledInset, type Span, span, together} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import {layout, minSpaciousRows, narrow, type Page} from '../page/page.ts';
import type {Screen} from '../page/screen.ts';
import type {RunPreview} from '../services.ts';
import {changeLines} from './changes.ts';
import {type ConsentState, consentScreen} from './consent.ts';
import {effectLines, effectLossLines, rehearsalText} from './effects.ts';
import {findingLines, findingSentence, findingTarget, queriesOf, samplesOf} from './findings.ts';

export type ReviewAnswer = 'go' | 'stop' | 'dryRun';

/** The result of a dry run of the plan that is shown. */
export interface TriedRun {
	/** The time of day: `17:23:05`. */
	readonly at: string;
	readonly durationMs: number;
	/** Why it failed. Null if it succeeded. */
	readonly problem: string | null;
}

export interface ReviewOptions {
	readonly offersDryRun?: boolean;
	/** Absent if it was not tried. */
	readonly tried?: TriedRun | undefined;
}

/** Shows what a run would do and what preflight found. Enter continues. For runs that lose nothing, and for runs that cannot continue. */
export function reviewScreen(plan: RunPreview, {offersDryRun = false, tried}: ReviewOptions = {}): Screen<BrowseState, ReviewAnswer> {
	const fails = wouldFail(plan);
	const canTry = offersDryRun && !fails;
	const view = (state: BrowseState, look: Look): Page => ({
		title: reviewTitle(plan, look),
		body: [
			...(state.filter === '' ? [...triedLines(tried), ...spaced(problemLines(plan)), ...findingsLines(plan)] : []),
			...migrationLines(plan, look, {filter: state.filter, isFolded: state.isFolded}),
		],
		isTyping: state.isTyping,
		offset: state.offset,
		...queriesOf(plan.findings),
		bottom: [blank, ...filterLines(state), costLine(plan, look)],
		hints: state.isTyping
			? typingHints
			: [
					...(fails ? [] : [{keys: 'enter', label: goLabel(plan)}]),
					...(canTry
						? [{keys: 'd', label: tried === undefined ? 'dry run' : 'try again', explanation: 'tries it on a private copy', isExtra: true}]
						: []),
					{keys: '↑↓', label: 'scroll', explanation: 'also page up, page down, home and end', isExtra: true},
					...browseHints(plan.needsConsent),
					{keys: 'esc', label: fails ? 'close' : 'stop', explanation: 'nothing is changed'},
				],
	});
	return {
		initial: () => browseTop,
		reduce: (state, key, look) => {
			const browse = () => {
				const page = view(state, look);
				return next(reduceBrowse(state, key, page.body, look, layout(page, look).body));
			};
			if (state.isTyping) return browse();
			if (key.name === 'escape' || types(key, 'q')) return done(state, 'stop');
			if (key.name === 'enter') return done(state, fails ? 'stop' : 'go');
			if (types(key, 'd') && canTry) return done(state, 'dryRun');
			return browse();
		},
		view,
	};
}

/** Returns the result of the dry run, which stays in view until the plan changes. */
function triedLines(tried: TriedRun | undefined): readonly Line[] {
	if (tried === undefined) return [];
	const {at, durationMs, problem} = tried;
	const result = problem === null ? `succeeded in ${duration(durationMs)}; nothing was changed` : `failed: ${problem}`;
	return [prose(4, '  ', problem === null ? span('✔ ', 'done') : span('✗ ', 'failed'), span(`dry run at ${at}`, 'strong'), ` ${result}`), blank];
}

/** True if existing rows would stop the run, or if it failed on a private copy. */
export function wouldFail({findings, rehearsal}: RunPreview): boolean {
	return findings.some(({blocking}) => blocking) || (rehearsal !== null && rehearsal.problem !== null);
}

/** Returns the reason why the run failed on a private copy. */
export function problemLines({direction, rehearsal}: RunPreview): readonly Line[] {
	const problem = rehearsal?.problem ?? null;
	if (problem === null) return [];
	return errorLines({...problem, title: `The ${direction} failed on a private copy.`});
}

/** Returns the lines with an empty one after them, if there are any. */
function spaced(lines: readonly Line[]): readonly Line[] {
	return lines.length === 0 ? [] : [...lines, blank];
}

/** Shows what a run would lose, and asks the user to type a name to confirm. */
export function runConsentScreen(plan: RunPreview): Screen<ConsentState, Consent> {
	const isLossy = plan.findings.some(({destructive}) => destructive) || losingTables(plan).length > 0;
	return consentScreen({
		title: line(
			span('▲ ', 'danger'),
			span(
				`This ${plan.direction} ${isLossy ? (nameToType(plan) === undefined ? 'drops empty objects' : 'loses data') : 'needs your consent'}`,
				'danger',
			),
		),
		top: [prose(0, span(`${plan.database}   ${movement(plan)}`, 'quiet')), blank],
		losses: () => lossLines(plan),
		safety: backupLines(plan),
		action: plan.direction === 'upgrade' ? 'Upgrade' : 'Downgrade',
		name: nameToType(plan),
	});
}

/**
 * Returns the name to type: the largest object that would be lost, or the database if there is none. Undefined if only empty tables and columns are
 * dropped: selecting the action is enough.
 */
export function nameToType(plan: RunPreview): string | undefined {
	const {findings, database, isEdited} = plan;
	const [first] = lossesOf(findings);
	if (!isEdited && first !== undefined && lossesOf(findings).every(({rows}) => rows === 0) && losingTables(plan).length === 0) return undefined;
	const [largest] = losingTables(plan).toSorted((a, b) => b.rowsGone - a.rowsGone);
	if (largest !== undefined && (first === undefined || (rank(first) < 2 && largest.rowsGone > first.rows))) return largest.table;
	if (first === undefined) return database.split('/').at(-1) ?? database;
	return findingTarget(first);
}

function losingTables({rehearsal}: RunPreview): readonly TableEffect[] {
	return (rehearsal?.effects ?? []).flatMap(({tables}) => tables).filter(isLoss);
}

/** Returns the findings that lose data, largest first. */
function lossesOf(findings: readonly Finding[]): readonly Finding[] {
	return findings.filter(({destructive}) => destructive).toSorted((a, b) => rank(b) - rank(a) || b.rows - a.rows);
}

function rank({kind, rows}: Finding): number {
	if (rows === 0) return -1;
	return kind === 'dropTable' ? 2 : kind === 'dropColumn' || kind === 'deleteRows' ? 1 : 0;
}

export function runTitle(plan: RunPreview): Line {
	return prose(2, titleStart(plan), '   ', span(movement(plan), 'quiet'));
}

/** Returns the title of a preview. If there is little room, it leaves out the names of migrations, which are also listed below it. */
function reviewTitle(plan: RunPreview, {rows, columns}: Look): Line {
	if (rows >= minSpaciousRows || columns >= narrow) return runTitle(plan);
	return line(titleStart(plan), '   ', span(plural(plan.migrations.length, 'migration'), 'quiet'));
}

function titleStart({direction, database}: RunPreview): Span {
	return span(`${direction === 'upgrade' ? 'Upgrade' : 'Downgrade'} ${database}`, 'strong');
}

function movement({from, to}: RunPreview): string {
	return `${from ?? 'nothing applied'} → ${to ?? 'nothing applied'}`;
}

function goLabel({direction, migrations}: RunPreview): string {
	return direction === 'upgrade' ? `apply ${plural(migrations.length, 'migration')}` : `undo ${plural(migrations.length, 'migration')}`;
}

const migrationLines = keepLast((plan: RunPreview, look: Look, browsed: Pick<BrowseState, 'filter' | 'isFolded'>): readonly Line[] =>
	plan.migrations.flatMap(({name, isDestructive, changes}) => [
		prose(
			4,
			'  ',
			span(plan.direction === 'upgrade' ? '○' : '●', 'notice'),
			' ',
			span(name, 'strong'),
			isDestructive ? span(`   ${together('▲ destructive')}`, 'danger') : '',
		),
		...changeLines(changes, {...look, columns: look.columns - 4}, browsed).map((each) => prefixed(span('    '), each)),
		...effectLines(plan.rehearsal?.effects ?? [], name).map((each) => prefixed(span('    '), each)),
	]),
);

function findingsLines(plan: RunPreview): readonly Line[] {
	const {findings, notices, bytesFree, rehearsal} = plan;
	const shown = [
		...notices.map((notice) => prose(4, '  ', span('! ', 'notice'), notice)),
		...findings.flatMap((finding) => findingLines(finding, {canCopy: true})),
	];
	if (wouldFail(plan) || losingTables(plan).length > 0) return spaced(shown);
	if (findings.length > 0) return [...shown, blank];
	const free = bytesFree === null ? '' : `; ${bytes(bytesFree)} free`;
	return [
		...shown,
		prose(4, '  ', span('✔ ', 'done'), `nothing breaks, nothing is lost${rehearsal === null ? '' : `: ${rehearsalText(rehearsal)}`}${free}`),
		blank,
	];
}

function lossLines({findings, notices, rehearsal}: RunPreview): readonly Line[] {
	const losses = lossesOf(findings);
	return [
		...notices.map((notice) => ruled(span('! ', 'notice'), notice)),
		...losses.flatMap((finding) => {
			const isDrop = finding.kind === 'dropTable' || finding.kind === 'dropColumn';
			const head = ruled(isDrop || finding.kind === 'deleteRows' ? span('- ', 'drop') : span('~ ', 'change'), findingSentence(finding));
			return isDrop || finding.samples.length === 0 ? [head] : [head, ruledInset(samplesOf(finding))];
		}),
		...effectLossLines(rehearsal?.effects ?? [], true),
	];
}

function backupLines({backup}: RunPreview): readonly Line[] {
	if (backup === null) return [ruled(span('! ', 'notice'), span('no backup is taken first', 'strong'))];
	return [ruled(span('✔ ', 'done'), `backup first: ${backup.folder} (${bytes(backup.bytes)})`)];
}

function costLine({id, bytesNeeded, backup, needsConsent, isEdited, findings, rehearsal}: RunPreview, {rows, columns}: Look): Line {
	const isBrief = rows < minSpaciousRows;
	const losesRows = (rehearsal?.effects ?? []).some(({tables}) => tables.some(isLoss));
	const parts = [
		...(id === null ? [] : [`plan ${id}`]),
		...(isBrief || rehearsal === null || rehearsal.problem !== null ? [] : [rehearsalText(rehearsal)]),
		...(!isBrief && bytesNeeded > 0 ? [`${bytes(bytesNeeded)} extra disk space`] : []),
		backup === null ? 'no backup' : `backup ${bytes(backup.bytes)} first`,
		...(needsConsent ? [isEdited && findings.every(({destructive}) => !destructive) && !losesRows ? 'asks first' : 'asks before it loses data'] : []),
	];
	return prose(2, '  ', span(parts.map((part) => (columns < narrow ? part : together(part))).join(' · '), 'quiet'));
}
