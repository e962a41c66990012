import {resolve} from 'node:path';
import type {Config} from '../core/config/config.ts';
import {joinDecisions} from '../core/diff/join-decisions.ts';
import {type Decisions, noDecisions} from '../core/diff/question.ts';
import {MigrError, restated} from '../core/errors.ts';
import type {Draft} from '../core/migrations/draft/draft.ts';
import {evidenceFor} from '../core/migrations/draft/evidence.ts';
import {draftOf, examinedRows, type ProjectDraft, rowCounter} from '../core/migrations/draft/project-draft.ts';
import {requireUsed, type StatedAnswers} from '../core/migrations/draft/unused-decisions.ts';
import type {Finding} from '../core/migrations/finding.ts';
import type {ProjectState} from '../core/migrations/history/state.ts';
import {examinedPreview} from '../core/migrations/preflight/examined-preview.ts';
import {changeCount} from '../core/plan/preview-text.ts';
import type {Schema} from '../core/schema/schema.ts';
import type {Database} from '../core/sqlite/database.ts';
import {clean} from '../core/text/clean.ts';
import {plural} from '../core/text/numbers.ts';
import {readAnswers} from './answers-file.ts';
import {decisionFlags, decisionsFromFlags} from './decisions.ts';
import type {ChangesJson} from './json.ts';
import {type Context, type FlagValues, flagName} from './line/command.ts';
import {withDatabase} from './project.ts';
import {printFindings} from './text/findings-text.ts';
import type {Output} from './text/output.ts';
import {printPreview} from './text/preview-text.ts';
import {countsText, printQuestion} from './text/questions-text.ts';

/** The flags that `create` and `diff` share, except the flags about the file. */
export const changeFlags = {
	...decisionFlags,
	noSamples: {type: 'boolean', help: 'do not show sample values'},
} as const;

/**
 * Rejects flags that answer questions: an empty migration has none.
 *
 * @throws MigrError `usage` if such a flag is given
 */
export function requireNoDecisions(flags: FlagValues<typeof decisionFlags>): void {
	const answered = Object.keys(decisionFlags).find((key) => {
		const value = flags[key as keyof typeof decisionFlags];
		return Array.isArray(value) ? value.length > 0 : value !== false && value !== undefined;
	});
	if (answered !== undefined)
		throw new MigrError('usage', `${flagName(answered)} and --empty cannot be used together: an empty migration has no questions`, {
			hint: 'remove one of the two flags',
		});
}

/** Returns the decisions in the answers file. Undefined if no file is given. */
export function statedAnswers(flags: FlagValues<typeof decisionFlags>, cwd: string): StatedAnswers | undefined {
	if (flags.answers === undefined) return undefined;
	const file = resolve(cwd, flags.answers);
	return {file, decisions: readAnswers(file)};
}

/** Returns the decisions in the flags and in the answers file. */
export function statedDecisions(flags: FlagValues<typeof decisionFlags>, cwd: string, answers = statedAnswers(flags, cwd)): Decisions {
	return joinDecisions(decisionsFromFlags(flags), answers?.decisions ?? noDecisions);
}

/** A drafted migration, as the commands report it. */
export interface StatedDraft extends ProjectDraft {
	readonly hasOpenQuestions: boolean;
	readonly json: ChangesJson;
}

/**
 * Drafts a migration with the decisions in the flags and in the answers file, and passes it to `work` while the database is open.
 *
 * @throws MigrError `usage` if a decision is about nothing that differs
 */
export async function withStatedDraft<T>(
	context: Pick<Context<typeof changeFlags>, 'flags' | 'cwd' | 'output' | 'onInterrupt'>,
	config: Config,
	work: (stated: StatedDraft) => Promise<T>,
): Promise<T> {
	const {flags, cwd} = context;
	const answers = statedAnswers(flags, cwd);
	const decisions = statedDecisions(flags, cwd, answers);
	return await withDatabase(context, config, async (db) => {
		const project = await draftOf(config, db, decisions);
		const {draft, base, models} = project;
		const hasOpenQuestions = draft.questions.length > 0;
		try {
			requireUsed({from: base.schema, models, decisions, unused: draft.unused, answers, hasOpenQuestions});
		} catch (error) {
			throw withPending(error, base.state);
		}
		return await work({...project, hasOpenQuestions, json: changesJson(draft, !flags.noSamples)});
	});
}

/** A pending migration may already contain what the decision is about. */
function withPending(error: unknown, {pending}: ProjectState): unknown {
	const last = pending.at(-1);
	if (!(error instanceof MigrError) || last === undefined) return error;
	const hint = `${clean(last.file.name)} is pending and counts as applied here; to create it again, remove its file`;
	return restated(error, {hint: error.hint === undefined ? hint : `${error.hint}\n${hint}`});
}

export function changesJson(draft: Draft, showsSamples: boolean): ChangesJson {
	return {
		questions: draft.questions,
		operations: draft.operations,
		hazards: draft.hazards,
		findings: draft.findings.map((finding): Finding => ({migration: '', ...finding, ...(showsSamples ? {} : {samples: []})})),
	};
}

/** Prints the number of changes, the open questions with evidence from the rows, and the exit code. */
export function printQuestions({questions, preview}: Draft, db: Database | undefined, showsSamples: boolean, output: Output): void {
	output.line(countsText(changeCount(preview), questions.length));
	output.line();
	if (!output.isJson) for (const question of questions) printQuestion(question, evidenceFor(db, question), showsSamples, output);
	output.problem(`lite-migr: ${plural(questions.length, 'question is', 'questions are')} open; nothing was written (exit 3)`);
}

/** Prints the changes as a tree, followed by the findings in existing rows. */
export function printChanges(project: ProjectDraft, showsSamples: boolean, output: Output): void {
	const {draft, base, db} = project;
	if (output.isJson) return;
	output.line(countsText(changeCount(draft.preview), 0));
	output.line();
	printPreview(examinedPreview(draft.preview, examinedRows(project)), rowCounter(db, base.present), output);
	// The tree already shows drops with their rows.
	const findings = draft.findings.filter(({kind}) => kind !== 'dropTable' && kind !== 'dropColumn');
	if (findings.length > 0) output.line();
	printFindings(findings, showsSamples, output);
}

/** Explains why there is nothing to do. Mentions missing models, so a project without models does not look up to date. */
export function noDifferences({base, models}: ProjectDraft): string {
	const isEmpty = ({tables, virtualTables, views}: Schema) => tables.length + virtualTables.length + views.length === 0;
	return isEmpty(models) && isEmpty(base.schema) ? 'there are no models and no tables yet' : 'no differences between models and database';
}
