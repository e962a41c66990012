import type {Question} from '../../core/diff/question.ts';
import {sameName} from '../../core/schema/identifiers.ts';
import type {FillAnswer} from '../screens/fill.ts';
import type {Answer} from '../screens/question.ts';
import type {Decided} from './answers.ts';

/**
 * Returns the other open questions that the same answer fits: the same rename in another table, the same column dropped from another table, other
 * objects of the same kind that are not in the models, or the same value for a column of the same name.
 */
export function alikeQuestions(question: Question, answer: Answer | FillAnswer, open: readonly Question[]): readonly Question[] {
	return open.filter((other) => other.id !== question.id && isAlike(question, answer, other));
}

function isAlike(question: Question, answer: Answer | FillAnswer, other: Question): boolean {
	switch (answer.kind) {
		case 'rename':
			return isSameRename(question, other) && other.candidates.some(({name}) => sameName(name, answer.from));
		case 'new':
			return isSameRename(question, other) && question.kind === 'rename' && sameNames(other, question);
		case 'drop':
		case 'ignore':
			if (question.kind !== 'drop' || other.kind !== 'drop' || question.object !== other.object) return false;
			return question.object !== 'column' || (other.object === 'column' && sameName(question.column, other.column));
		case 'fill':
			return question.kind === 'fill' && other.kind === 'fill' && question.isNew === other.isNew && sameName(question.column, other.column);
		case 'later':
		case 'back':
			return false;
	}
}

type RenameQuestion = Extract<Question, {kind: 'rename'}>;

/** True for two renames of columns to the same new name. Tables are never renamed to the same name. */
function isSameRename(question: Question, other: Question): other is RenameQuestion {
	return (
		question.kind === 'rename' &&
		other.kind === 'rename' &&
		question.column !== undefined &&
		other.column !== undefined &&
		sameName(question.to, other.to)
	);
}

function sameNames(a: RenameQuestion, b: RenameQuestion): boolean {
	return a.candidates.length === b.candidates.length && a.candidates.every(({name}) => b.candidates.some((other) => sameName(name, other.name)));
}

/** Returns the answer to another question, spelled as that question spells its names. */
export function answerFor(other: Question, answer: Decided): Decided {
	if (answer.kind !== 'rename' || other.kind !== 'rename') return answer;
	return {kind: 'rename', from: other.candidates.find(({name}) => sameName(name, answer.from))?.name ?? answer.from};
}
