import {dropFlag, fillFlag, ignoreFlag, renameFlag} from '../../core/diff/flags.ts';
import type {Decisions, Question, Target} from '../../core/diff/question.ts';
import type {FillAnswer} from '../screens/fill.ts';
import type {Answer} from '../screens/question.ts';

/** An answer that becomes a decision. */
export type Decided = Exclude<Answer | FillAnswer, {kind: 'later' | 'back'}>;

export interface AnsweredQuestion {
	readonly question: Question;
	readonly answer: Decided;
	/** Old names that this answer does not drop yet, because another open question is also about them. */
	readonly keptOpen: readonly string[];
	/** True if nothing asked for the expression: the user replaced how SQLite would convert the values. */
	readonly isConversion?: true;
}

/** Adds answers to existing decisions. This is the only place that turns an answer into a decision. */
export function decisionsOf(given: Decisions, answered: readonly AnsweredQuestion[]): Decisions {
	return answered.reduce(withAnswer, given);
}

/** Returns the command-line flags for decisions. */
export function flagsOf({renames, drops, fills, ignore, noRenames, allowDrops}: Decisions): readonly string[] {
	return [
		...renames.map(({table, column, to}) => renameFlag(table, column, to)),
		...drops.map(({table, column}) => dropFlag(table, column)),
		...fills.map(({table, column, expression}) => fillFlag(table, column, expression)),
		...ignore.map(ignoreFlag),
		...(noRenames ? ['--no-renames'] : []),
		...(allowDrops ? ['--allow-drops'] : []),
	];
}

function withAnswer(decisions: Decisions, {question, answer, keptOpen}: AnsweredQuestion): Decisions {
	const target = targetOf(question);
	switch (answer.kind) {
		case 'rename':
			return question.kind === 'rename' ? {...decisions, renames: [...decisions.renames, renameOf(question, answer.from)]} : decisions;
		case 'new':
			return question.kind === 'rename' ? {...decisions, drops: [...decisions.drops, ...dropsOf(question, keptOpen)]} : decisions;
		case 'drop':
			return {...decisions, drops: [...decisions.drops, target]};
		case 'ignore':
			return {...decisions, ignore: [...decisions.ignore, question.table]};
		case 'fill':
			return question.kind === 'fill'
				? {...decisions, fills: [...decisions.fills, {table: question.table, column: question.column, expression: answer.expression}]}
				: decisions;
	}
}

type RenameQuestion = Extract<Question, {kind: 'rename'}>;

function targetOf({table, column}: Question): Target {
	return column === undefined ? {table} : {table, column};
}

function renameOf({table, column, to}: RenameQuestion, from: string) {
	return column === undefined ? {table: from, to} : {table, column: from, to};
}

function dropsOf({table, column, candidates}: RenameQuestion, keptOpen: readonly string[]): readonly Target[] {
	return candidates.filter(({name}) => !keptOpen.includes(name)).map(({name}) => (column === undefined ? {table: name} : {table, column: name}));
}

/**
 * Returns the old names in a rename question that another open question is also about. Answering "new" here must not drop an object that may turn
 * out to be renamed there. Postponed questions do not count: they are asked again at the end.
 */
export function alsoAsked(question: Question, open: readonly Question[]): readonly string[] {
	if (question.kind !== 'rename') return [];
	const others = open.filter((other): other is RenameQuestion => other.kind === 'rename' && other.id !== question.id && isSamePlace(other, question));
	return question.candidates
		.map(({name}) => name)
		.filter((name) => others.some(({candidates}) => candidates.some((candidate) => candidate.name === name)));
}

function isSamePlace(a: RenameQuestion, b: RenameQuestion): boolean {
	return (a.column === undefined) === (b.column === undefined) && (a.column === undefined || a.table === b.table);
}

/** Returns the question to ask next: the first one that was not postponed, otherwise the first one. */
export function nextQuestion(
	questions: readonly Question[],
	answered: readonly AnsweredQuestion[],
): {readonly question: Question | undefined; readonly open: readonly Question[]} {
	const putOff = new Set(answered.filter(({keptOpen}) => keptOpen.length > 0).map(({question}) => question.id));
	const open = questions.filter(({id}) => !putOff.has(id));
	return open.length > 0 ? {question: open[0], open} : {question: questions[0], open: questions};
}
