import {resolve} from 'node:path';
import {joinDecisions} from '../core/diff/join-decisions.ts';
import {type Decisions, noDecisions} from '../core/diff/question.ts';
import {MigrError} from '../core/errors.ts';
import type {Draft} from '../core/migrations/draft/draft.ts';
import {evidenceFor} from '../core/migrations/draft/evidence.ts';
import {type ProjectDraft, rowCounter} from '../core/migrations/draft/project-draft.ts';
import type {StatedAnswers} from '../core/migrations/draft/unused-decisions.ts';
import type {Finding} from '../core/migrations/finding.ts';
import {changeCount} from '../core/plan/preview-text.ts';
import type {Schema} from '../core/schema/schema.ts';
import type {Database} from '../core/sqlite/database.ts';
import {plural} from '../core/text/numbers.ts';
import {readAnswers} from './answers-file.ts';
import {decisionFlags, decisionsFromFlags} from './decisions.ts';
import type {ChangesJson} from './json.ts';
import {type FlagValues, flagName} from './line/command.ts';
import {printFindings} from './text/findings-text.ts';
import type {Output} from './text/output.ts';
import {printPreview} from './text/preview-text.ts';
import {countsText, printQuestion} from './text/questions-text.ts';

/** The flags of `create` and `diff`, but for those of the file. */
export const changeFlags = {
	...decisionFlags,
	noSamples: {type: 'boolean', help: 'show no values from the rows'},
} as const;

/** An empty migration asks nothing. Throws MigrError `usage` where a flag answers something all the same. */
export function requireNoDecisions(flags: FlagValues<typeof decisionFlags>): void {
	const answered = Object.keys(decisionFlags).find((key) => {
		const value = flags[key as keyof typeof decisionFlags];
		return Array.isArray(value) ? value.length > 0 : value !== false && value !== undefined;
	});
	if (answered !== undefined)
		throw new MigrError('usage', `${flagName(answered)} answers nothing in an --empty migration`, {hint: 'leave one of the two out'});
}

/** The decisions of the answers file, where one is given. */
export function statedAnswers(flags: FlagValues<typeof decisionFlags>, cwd: string): StatedAnswers | undefined {
	if (flags.answers === undefined) return undefined;
	const file = resolve(cwd, flags.answers);
	return {file, decisions: readAnswers(file)};
}

/** The decisions of flags and answers file. */
export function statedDecisions(flags: FlagValues<typeof decisionFlags>, cwd: string, answers = statedAnswers(flags, cwd)): Decisions {
	return joinDecisions(decisionsFromFlags(flags), answers?.decisions ?? noDecisions);
}

export function changesJson(draft: Draft, showsSamples: boolean): ChangesJson {
	return {
		questions: draft.questions,
		operations: draft.operations,
		hazards: draft.hazards,
		findings: showsSamples ? draft.findings : draft.findings.map((finding): Finding => ({...finding, samples: []})),
	};
}

/** Prints how many changes there are, the open questions with what the rows say, and how a command ends with them. */
export function printQuestions({questions, preview}: Draft, db: Database | undefined, showsSamples: boolean, output: Output): void {
	output.line(countsText(changeCount(preview), questions.length));
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
