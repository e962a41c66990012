import type {Decisions} from '../core/diff/question.ts';
import {movingCaveats} from '../core/migrations/draft/caveats.ts';
import {draftText} from '../core/migrations/draft/write-draft.ts';
import {writeEmptyMigration} from '../core/migrations/files/write.ts';
import {changeFlags, noDifferences, printChanges, printQuestions, requireNoDecisions, withStatedDraft} from './changes.ts';
import type {DiffJson} from './json.ts';
import {type Context, defineCommand} from './line/command.ts';
import {type ExitCode, exitCode} from './line/exit-code.ts';
import {configOf} from './project.ts';

const flags = {
	...changeFlags,
	format: {
		type: 'string',
		value: 'ts|sql|wrangler',
		choices: ['ts', 'sql', 'wrangler'],
		help: 'print the file that create would write, in this format',
	},
	empty: {type: 'boolean', help: 'print the file that create --empty would write'},
} as const;

export const diff = defineCommand({
	name: 'diff',
	summary: 'preview what create would write, without writing it',
	flags,
	description: [
		'Compares the models with the database and its pending migrations. Shows each change, how it would be carried out, what it costs, and which questions are open.',
	],
	examples: [
		['lite-migr diff', ''],
		['lite-migr diff --json', 'questions, operations and hazards'],
		['lite-migr diff --format sql', 'the migration file itself'],
	],
	run,
});

async function run(context: Context<typeof flags>): Promise<ExitCode> {
	const {flags: given, output} = context;
	const config = configOf(context, given.format);
	const format = given.format === undefined ? undefined : config.format;
	if (given.empty) {
		requireNoDecisions(given);
		const {text} = writeEmptyMigration(config.format);
		output.json({questions: [], operations: [], hazards: [], findings: [], text} satisfies DiffJson);
		output.source(text.trimEnd());
		return exitCode.done;
	}
	return await withStatedDraft(context, config, async (stated) => {
		const {draft, models, db, decisions, hasOpenQuestions, json} = stated;
		const isWritten = format !== undefined && !hasOpenQuestions && draft.operations.length > 0;
		const text = isWritten ? (await draftText(stated, format)).text : undefined;
		output.json({...json, ...(text === undefined ? {} : {text})} satisfies DiffJson);
		if (hasOpenQuestions) {
			printQuestions(draft, db, !given.noSamples, output);
			return exitCode.answerNeeded;
		}
		if (draft.operations.length === 0) output.line(`✔ ${noDifferences(stated)}`);
		else if (text !== undefined) output.source(text.trimEnd());
		else {
			printChanges(stated, !given.noSamples, output);
			output.line();
			output.line(`  next: lite-migr create <name>${isStated(decisions) ? ', with the same flags' : ''}`);
		}
		for (const {message, fix} of text === undefined ? movingCaveats(models) : []) {
			output.line(`  ! ${message}`);
			output.line(`    ${fix}`);
		}
		return exitCode.done;
	});
}

function isStated({renames, drops, fills, ignore, noRenames, allowDrops}: Decisions): boolean {
	return noRenames || allowDrops || [renames, drops, fills, ignore].some(({length}) => length > 0);
}
