import {bytes, count, plural} from '../../core/text/numbers.ts';
import {openSelect, reduceSelect, type SelectState} from '../components/select/reduce-select.ts';
import {type SelectEntry, selectLines} from '../components/select/select-lines.ts';
import {types} from '../keys/key.ts';
import {done, next} from '../keys/screen-step.ts';
import {blank, type Line, line, prose, type Span, span, spans, together} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import {minSpaciousRows, narrow} from '../page/page.ts';
import type {Screen} from '../page/screen.ts';
import type {Assessment, ModelsState, Overview} from '../services.ts';
import {ago, momentOf} from '../text/ago.ts';

export type HomeChoice = 'browse' | 'create' | 'upgrade' | 'downgrade' | 'status' | 'backups' | 'pull' | 'baseline' | 'drift' | 'refresh' | 'quit';

export interface HomeProps {
	readonly version: string;
	readonly overview: Overview;
	/** Undefined while models and migrations are being read. */
	readonly assessment: Assessment | undefined;
	/** The entry to start on, if the user comes back from it. */
	readonly at?: HomeChoice | undefined;
}

interface HomeEntry extends SelectEntry {
	readonly choice: HomeChoice;
}

/** Shows the state of the project, and what each action would do. */
export function homeScreen(props: HomeProps): Screen<SelectState, HomeChoice> {
	const entries = homeEntries(props);
	return {
		initial: () =>
			openSelect(
				entries,
				Math.max(
					0,
					entries.findIndex((entry) => entry.choice === (props.at ?? nextChoice(props))),
				),
			),
		reduce: (state, key) => {
			if (types(key, 'q') || key.name === 'escape') return done(state, 'quit');
			if (types(key, 'r')) return done(state, 'refresh');
			const step = reduceSelect(state, key, entries);
			const entered = step.entered === undefined ? undefined : entries[step.entered];
			return entered === undefined ? next(step.state) : done(step.state, entered.choice);
		},
		view: (state, look) => ({
			title: titleLine(props, look),
			top: [...(look.rows < minSpaciousRows ? [shortState(props)] : stateLines(props)), blank],
			...selectLines(entries, state, look),
			hints: [
				{keys: '↑↓', label: 'move', isExtra: true},
				{keys: 'enter', label: 'choose'},
				{keys: 'r', label: 'refresh', isMinor: true, explanation: 'rereads models, migrations and database'},
				{keys: 'q', label: 'quit'},
			],
		}),
	};
}

/** Returns the choice of an entry. */
export function choiceAt(props: HomeProps, index: number): HomeChoice | undefined {
	return homeEntries(props)[index]?.choice;
}

function titleLine({version, overview}: HomeProps, look: Look): Line {
	const {database, isRemote, exists, sqliteVersion} = overview;
	// On a narrow terminal, the versions would hide the state of the database.
	const isNarrow = look.columns < narrow;
	return line(
		span(isNarrow ? 'lite-migr' : `lite-migr ${version}`, 'strong'),
		'   ',
		span(database, 'accent'),
		...(isRemote ? [] : ['  ', exists ? bytes(overview.bytes) : 'does not exist yet']),
		...(isRemote || isNarrow ? [] : ['  ', span(`SQLite ${sqliteVersion}`, 'quiet')]),
	);
}

function stateLines({overview, assessment}: HomeProps): readonly Line[] {
	const {applied, pending, edited, missing, now} = overview;
	const drift = assessment?.drift ?? [];
	const last = applied.at(-1);
	const lines = [
		fact(
			span('●', applied.length > 0 ? 'done' : 'quiet'),
			`${count(applied.length)} applied`,
			...(last ? [span(`      last ${last.name}, ${ago(momentOf(last.appliedAt), now)}`, 'quiet')] : []),
		),
		fact(span('○', pending.length > 0 ? 'notice' : 'quiet'), `${count(pending.length)} pending`),
		hasNoModels(overview, assessment?.models) ? fact(span('○', 'quiet'), 'no models yet') : modelsLine(assessment?.models),
	];
	if (edited.length > 0)
		lines.push(fact(span('!', 'notice'), `${plural(edited.length, 'applied file was', 'applied files were')} edited: ${edited.join(', ')}`));
	if (missing.length > 0)
		lines.push(fact(span('!', 'notice'), `${plural(missing.length, 'applied file is', 'applied files are')} missing: ${missing.join(', ')}`));
	// Without a file, the only known difference is that the file is missing.
	if (drift.length > 0 && missing.length === 0) lines.push(driftFact(drift, applied.length > 0));
	if (overview.exists && assessment !== undefined && edited.length + missing.length + drift.length === 0)
		lines.push(fact(span('✔', 'done'), 'no drift, no edited files'));
	return lines;
}

/** Shows the state on one line, if there are few rows. */
function shortState({overview, assessment}: HomeProps): Line {
	const {applied, pending, edited, missing} = overview;
	const models = assessment?.models;
	const odd = edited.length + missing.length + (assessment?.drift.length ?? 0);
	const ahead =
		models?.kind === 'ahead'
			? [span('   '), span(together('! '), 'notice'), span(together(reviewed(models)))]
			: models?.kind === 'failed' && !hasNoModels(overview, models)
				? [span('   ✗', 'failed'), span(shortFailure(models))]
				: [];
	return prose(
		2,
		'  ',
		span('●', applied.length > 0 ? 'done' : 'quiet'),
		` ${count(applied.length)} applied   `,
		span('○', pending.length > 0 ? 'notice' : 'quiet'),
		` ${count(pending.length)} pending`,
		ahead,
		odd > 0 ? [span('   '), span(together('! '), 'notice'), span(together(applied.length === 0 ? 'not adopted yet' : 'drift, see status'))] : [],
	);
}

/** True if there are no models where the configuration says, which is not a failure. */
function hasNoModels({hasModels}: Overview, models: ModelsState | undefined): boolean {
	return !hasModels && (models?.kind !== 'failed' || models.problem.code === 'config');
}

function modelsLine(models: ModelsState | undefined): Line {
	if (models === undefined) return fact(span('…', 'quiet'), span('reading the models', 'quiet'));
	switch (models.kind) {
		case 'same':
			return fact(span('✔', 'done'), 'models and migrations agree');
		case 'failed':
			return prose(4, '  ', span('✗ ', 'failed'), `${whatFailed(models)}: `, models.problem.message);
		case 'ahead':
			return fact(span('!', 'notice'), aheadText(models));
	}
}

function aheadText({changes, questions}: {readonly changes: number; readonly questions: number}): string {
	const open = `${plural(questions, 'question')} to answer`;
	if (changes === 0 && questions > 0) return `the models differ from the database: ${open}`;
	return `models are ahead by ${plural(changes, 'change')}${questions > 0 ? `, ${open}` : ''}`;
}

function shortFailure({isPending, problem}: ModelsState & {readonly kind: 'failed'}): string {
	if (problem.code === 'database' || problem.code === 'locked') return ' database';
	return isPending === true ? ' pending' : ' models';
}

function whatFailed({isPending, problem}: ModelsState & {readonly kind: 'failed'}): string {
	if (problem.code === 'database' || problem.code === 'locked') return 'the database cannot be read';
	if (problem.code === 'files') return 'a file cannot be read';
	return isPending === true ? 'a pending migration does not fit' : 'the models do not load';
}

function reviewed({changes, questions}: {changes: number; questions: number}): string {
	const parts = [changes > 0 || questions === 0 ? plural(changes, 'change') : '', questions > 0 ? plural(questions, 'question') : ''];
	return parts.filter((part) => part !== '').join(', ');
}

/** The number of differences to show. The history shows all of them. */
const mostDrift = 2;

function driftFact(drift: readonly string[], isManaged: boolean): Line {
	if (!isManaged)
		return prose(
			4,
			'  ',
			span('! ', 'notice'),
			`the database has ${plural(drift.length, 'object that is', 'objects that are')} not in any migration`,
		);
	const shown = drift.slice(0, drift.length > mostDrift ? mostDrift - 1 : mostDrift);
	const rest = drift.length - shown.length;
	return prose(
		4,
		'  ',
		span('! ', 'notice'),
		`the database has drifted: ${shown.join(', ')}`,
		rest === 0 ? '' : ` and ${rest} more, see Status and history`,
	);
}

function fact(symbol: Span, ...rest: readonly (Span | string)[]): Line {
	return line('  ', symbol, ' ', ...rest);
}

/** Returns the action that the user most likely wants. */
function nextChoice({overview, assessment}: HomeProps): HomeChoice {
	if (isForeign(overview)) return overview.hasModels ? 'baseline' : 'pull';
	if (overview.pending.length > 0) return 'upgrade';
	return assessment?.models.kind === 'same' ? 'status' : 'create';
}

/** True if the database existed before lite-migr was set up. */
function isForeign({exists, applied, pending, unmanagedTables}: Overview): boolean {
	return exists && applied.length + pending.length === 0 && unmanagedTables > 0;
}

/** True if the database was changed outside lite-migr, and its history can be extended with that change. */
function hasDrifted({applied, pending, edited, missing}: Overview, assessment: Assessment | undefined): boolean {
	const isClear = pending.length + edited.length + missing.length === 0;
	return applied.length > 0 && isClear && (assessment?.drift.length ?? 0) > 0;
}

function homeEntries({overview, assessment}: HomeProps): readonly HomeEntry[] {
	const {applied, pending, backups} = overview;
	const destructive = assessment?.destructive.length ?? 0;
	const last = applied.at(-1);
	const entry = (choice: HomeChoice, label: string, hint: readonly Span[], isDisabled = false): HomeEntry => ({
		choice,
		label: [span(label)],
		hint: hint.map((part) => ({...part, tone: part.tone ?? 'quiet'})),
		isDisabled,
	});
	return [
		...(isForeign(overview) && !overview.hasModels
			? [entry('pull', 'Write models', spans(`from the ${plural(overview.unmanagedTables, 'table')} of the database`))]
			: []),
		...(isForeign(overview) ? [entry('baseline', 'Adopt the database', spans('its tables become the first migration, marked as applied'))] : []),
		entry('create', 'Create a migration', createHint(overview, assessment?.models)),
		entry(
			'upgrade',
			'Upgrade',
			pending.length === 0
				? spans('nothing is pending')
				: spans(`apply ${plural(pending.length, 'migration')}`, destructive > 0 ? [span(', '), span(`${destructive} ▲ destructive`, 'danger')] : []),
			pending.length === 0,
		),
		entry('downgrade', 'Downgrade', spans(last === undefined ? 'nothing is applied' : `undo ${last.name}`), last === undefined),
		entry(
			'status',
			'Status and history',
			spans(applied.length + pending.length === 0 ? 'no migrations yet' : plural(applied.length + pending.length, 'migration')),
		),
		entry(
			'backups',
			'Backups',
			overview.isRemote
				? spans('cannot be restored to a server')
				: backups[0] === undefined
					? spans('none yet')
					: spans(`${count(backups.length)}, newest ${ago(backups[0].takenAt, overview.now)}`),
			backups.length === 0,
		),
		entry('browse', 'Look around', spans('tables, columns, first rows'), !overview.exists),
		// Near the end, because drift is only known after the other entries are shown.
		...(hasDrifted(overview, assessment) ? [entry('drift', 'Adopt the drift', spans('as a migration, marked as applied'))] : []),
		entry('quit', 'Quit', []),
	];
}

function createHint(overview: Overview, models: ModelsState | undefined): readonly Span[] {
	if (models === undefined) return spans('…');
	if (hasNoModels(overview, models)) return spans('no models yet');
	if (models.kind === 'same') return spans('nothing to change');
	return models.kind === 'failed'
		? [span('✗', 'failed'), span(` ${whatFailed(models)}`)]
		: spans(
				models.changes === 0
					? reviewed(models)
					: `${plural(models.changes, 'change')} to review${models.questions > 0 ? `, ${plural(models.questions, 'question')}` : ''}`,
			);
}
