import type {Decisions} from '../core/diff/question.ts';
import {draftOf} from '../core/migrations/project-draft.ts';
import {changeFlags, changesJson, noDifferences, printChanges, printQuestions, statedDecisions} from './changes.ts';
import {defineCommand} from './line/command.ts';
import {exitCode} from './line/exit-code.ts';
import {configOf, withDatabase} from './project.ts';
import {requireUsed} from './unused-decisions.ts';

export const diff = defineCommand({
	name: 'diff',
	summary: 'show what create would write, and write nothing',
	flags: changeFlags,
	description: [
		'Compares the models with the database and its pending migrations: what differs, how it would be done, what it costs, and which questions are open.',
	],
	examples: [
		['lite-migr diff', ''],
		['lite-migr diff --json', 'questions, operations and hazards'],
	],
	async run(context) {
		const {flags, cwd, output} = context;
		const config = configOf(context);
		const decisions = statedDecisions(flags, cwd);
		return await withDatabase(config, async (db) => {
			const changes = await draftOf(config, db, decisions);
			const {draft, base, models} = changes;
			requireUsed({from: base.schema, models, decisions, unused: draft.unused, hasOpenQuestions: draft.questions.length > 0});
			output.json(changesJson(changes, !flags.noSamples));
			if (draft.questions.length > 0) {
				printQuestions(draft.questions, changes, db, !flags.noSamples, output);
				return exitCode.answerNeeded;
			}
			if (draft.operations.length === 0) output.line(`✔ ${noDifferences(changes)}`);
			else {
				printChanges(changes, db, !flags.noSamples, output);
				output.line();
				output.line(`  next: lite-migr create <name>${isStated(decisions) ? ', with the same flags' : ''}`);
			}
			return exitCode.done;
		});
	},
});

function isStated({renames, drops, fills, ignore, noRenames, allowDrops}: Decisions): boolean {
	return noRenames || allowDrops || [renames, drops, fills, ignore].some(({length}) => length > 0);
}
