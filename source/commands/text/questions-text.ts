import type {Question} from '../../core/diff/question.ts';
import type {CandidateEvidence, Evidence} from '../../core/migrations/draft/evidence.ts';
import {clean} from '../../core/text/clean.ts';
import {count, plural} from '../../core/text/numbers.ts';
import {valueText} from '../../core/text/value.ts';
import type {Output} from './output.ts';

interface Answer {
	readonly label: string;
	readonly flag: string;
	/** Evidence for the answer, and what it would lose. */
	readonly facts: readonly string[];
}

/** Prints a question with every flag that answers it, and evidence from the rows for each. */
export function printQuestion(question: Question, evidence: Evidence | undefined, showsSamples: boolean, output: Output): void {
	output.verbatim(`${output.paint('change', '?')} ${clean(question.message)}`);
	const answers = answersOf(question, evidence, showsSamples);
	const labelWidth = Math.max(...answers.map(({label}) => label.length));
	const flagWidth = Math.min(44, Math.max(...answers.map(({flag}) => flag.length)));
	for (const {label, flag, facts} of answers) {
		const aside = facts.length === 0 ? '' : `   ${output.paint('quiet', output.shown(`(${facts.map(clean).join(', ')})`))}`;
		output.verbatim(`    ${label.padEnd(labelWidth)}  ${aside === '' ? clean(flag) : clean(flag).padEnd(flagWidth)}${aside}`);
	}
	for (const line of fillRows(question, evidence, showsSamples)) output.line(`    ${output.paint('quiet', line)}`);
	output.line();
}

/** Formats the counts: `3 changes, 1 question`. A count of zero is omitted if the other one is not zero. */
export function countsText(changes: number, questions: number): string {
	return [...(changes === 0 && questions > 0 ? [] : [plural(changes, 'change')]), ...(questions === 0 ? [] : [plural(questions, 'question')])].join(
		', ',
	);
}

function answersOf(question: Question, evidence: Evidence | undefined, showsSamples: boolean): readonly Answer[] {
	const found = (name: string) => evidence?.candidates.find((candidate) => candidate.name === name);
	switch (question.kind) {
		case 'rename': {
			const what = question.column === undefined ? 'row' : 'value';
			return question.flags.map((flag, index) => {
				const candidate = question.candidates[index];
				if (candidate === undefined) {
					const gone = question.candidates[index - question.candidates.length];
					const lost = gone === undefined ? undefined : found(gone.name);
					return {label: 'not renamed', flag, facts: lost === undefined ? [] : [`drops ${plural(lost.values, what)}`]};
				}
				const kept = found(candidate.name);
				const facts = [
					...candidate.evidence.filter(isTelling),
					...(kept === undefined ? [] : [`keeps ${plural(kept.values, what)}`, ...samples(kept, showsSamples)]),
				];
				return {label: 'renamed', flag, facts: candidate.likely && question.candidates.length > 1 ? ['likely', ...facts] : facts};
			});
		}
		case 'drop': {
			const lost = found(question.column ?? question.table);
			const what = question.column === undefined ? 'row' : 'value';
			const cost =
				lost === undefined ? [] : [lost.values === 0 ? 'it is empty' : `loses ${plural(lost.values, what)}`, ...samples(lost, showsSamples)];
			return question.flags.map((flag, index) =>
				index === 0 ? {label: 'drop it', flag, facts: cost} : {label: 'ignore it', flag, facts: ['lite-migr no longer manages it']},
			);
		}
		case 'fill':
			return question.flags.map((flag, index) =>
				index === 0 && question.default !== undefined
					? {label: 'fill', flag, facts: ['the default in the models']}
					: {label: 'fill', flag, facts: []},
			);
	}
}

/** True for evidence to print: the similarity of names, and only those comparisons that differ. */
function isTelling(fact: string): boolean {
	return fact.includes('similar') || fact.includes('→') || fact.includes('columns');
}

function samples({samples}: CandidateEvidence, showsSamples: boolean): readonly string[] {
	const values = samples.slice(0, 2).map(({value}) => valueText(value, 20));
	return showsSamples && values.length > 0 ? [`such as ${values.join(' and ')}`] : [];
}

function fillRows(question: Question, evidence: Evidence | undefined, showsSamples: boolean): readonly string[] {
	const found = evidence?.candidates[0];
	if (question.kind !== 'fill' || evidence === undefined || evidence.rows === null || found === undefined) return [];
	if (evidence.rows === 0) return ['the table is empty here, but other databases may have rows'];
	const rows = question.isNew
		? `${plural(evidence.rows, 'row needs', 'rows need')} a value`
		: `${count(found.values)} of ${plural(evidence.rows, 'row')} ${found.values === 1 ? 'has' : 'have'} no value`;
	const shown = found.samples
		.slice(0, 3)
		.map(({row, about}) => `${clean(row)}${about === null || !showsSamples ? '' : ` (${valueText(about, 20)})`}`);
	return [
		`${rows}${shown.length === 0 ? '' : `: ${shown.join(', ')}${found.values > shown.length ? ' …' : ''}`}`,
		...(evidence.sql === null || question.isNew ? [] : [clean(evidence.sql)]),
	];
}
