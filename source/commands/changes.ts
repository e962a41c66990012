import {resolve} from 'node:path';
import {joinDecisions} from '../core/diff/join-decisions.ts';
import {type Decisions, noDecisions, type Question} from '../core/diff/question.ts';
import {evidenceFor} from '../core/migrations/evidence.ts';
import type {Finding} from '../core/migrations/finding.ts';
import {type ProjectDraft, rowCounter} from '../core/migrations/project-draft.ts';
import {changeCount} from '../core/plan/preview-text.ts';
import type {Schema} from '../core/schema/schema.ts';
import type {Database} from '../core/sqlite/database.ts';
import {plural} from '../core/text/numbers.ts';
import {readAnswers} from './answers-file.ts';
import {decisionFlags, decisionsFromFlags} from './decisions.ts';
import type {ChangesJson} from './json.ts';
import type {FlagValues} from './line/command.ts';
import {printFindings} from './text/findings-text.ts';
import type {Output} from './text/output.ts';
import {printPreview} from './text/preview-text.ts';
import {countsText, printQuestion} from './text/questions-text.ts';

/** The flags of `create` and `diff`. */
export const changeFlags = {
	...decisionFlags,
	noSamples: {type: 'boolean', help: 'show no values from the rows'},
} as const;

/** The decisions of flags and answers file. */
export function statedDecisions(flags: FlagValues<typeof decisionFlags>, cwd: string): Decisions {
	const stated = decisionsFromFlags(flags);
	return joinDecisions(stated, flags.answers === undefined ? noDecisions : readAnswers(resolve(cwd, flags.answers)));
}

export function changesJson({draft}: ProjectDraft, showsSamples: boolean): ChangesJson {
	return {
		questions: draft.questions,
		operations: draft.operations,
		hazards: draft.hazards,
		findings: showsSamples ? draft.findings : draft.findings.map((finding): Finding => ({...finding, samples: []})),
	};
}

/** Prints how many changes there are, the open questions with what the rows say, and how `create` and `diff` end with them. */
export function printQuestions(
	questions: readonly Question[],
	changes: ProjectDraft,
	db: Database | undefined,
	showsSamples: boolean,
	output: Output,
): void {
	output.line(countsText(changeCount(changes.draft.preview), questions.length));
	output.line();
	if (!output.isJson) for (const question of questions) printQuestion(question, evidenceFor(db, question), showsSamples, output);
	output.problem(`lite-migr: ${plural(questions.length, 'question is', 'questions are')} open; nothing was written (exit 3)`);
}

/** Prints the changes as a tree, and what the rows say to them. */
export function printChanges({draft, base}: ProjectDraft, db: Database | undefined, showsSamples: boolean, output: Output): void {
	if (output.isJson) return;
	output.line(countsText(changeCount(draft.preview), 0));
	output.line();
	printPreview(draft.preview, rowCounter(db, base.present), output);
	// A drop with its rows stands in the tree already.
	const findings = draft.findings.filter(({kind}) => kind !== 'dropTable' && kind !== 'dropColumn');
	if (findings.length > 0) output.line();
	printFindings(findings, showsSamples, output);
}

/** Why there is nothing to do, so that a forgotten model is not taken for agreement. */
export function noDifferences({base, models}: ProjectDraft): string {
	const isEmpty = ({tables, virtualTables, views}: Schema) => tables.length + virtualTables.length + views.length === 0;
	return isEmpty(models) && isEmpty(base.schema) ? 'there are no models yet, and no tables' : 'no differences between models and database';
}
