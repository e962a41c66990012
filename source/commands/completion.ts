import {MigrError} from '../core/errors.ts';
import {projectAt} from '../core/migrations/project.ts';
import {clean} from '../core/text/clean.ts';
import {type Completion, expectedAt, matching} from './completion/complete-line.ts';
import {type Shell, shellScripts, shells} from './completion/shell-scripts.ts';
import type {CompletionJson} from './help-json.ts';
import {type Context, defineCommand} from './line/command.ts';
import {exitCode} from './line/exit-code.ts';

export const completion = defineCommand({
	name: 'completion',
	summary: 'print the completion script of a shell',
	argument: {name: 'shell', required: true, help: shells.join(', '), choices: shells},
	flags: {
		line: {type: 'string', value: 'TEXT', help: 'print the completions of this command line instead; the scripts use it'},
	},
	description: [
		'Prints a script that completes commands, flags, migrations, backups, tables and columns with the Tab key.',
		'Add the line of your shell to its configuration file: ~/.bashrc, ~/.zshrc after compinit, or ~/.config/fish/config.fish.',
	],
	examples: [
		['eval "$(lite-migr completion bash)"', 'bash'],
		['eval "$(lite-migr completion zsh)"', 'zsh'],
		['lite-migr completion fish | source', 'fish'],
	],
	async run(context) {
		const {argument, flags, output} = context;
		if (!isShell(argument)) {
			throw new MigrError('usage', `${clean(argument ?? '')} is not a supported shell`, {hint: `use one of these: ${shells.join(', ')}`});
		}
		if (flags.line === undefined) {
			output.json({script: shellScripts[argument], completions: []} satisfies CompletionJson);
			output.source(shellScripts[argument].trimEnd());
			return exitCode.done;
		}
		const completions = await completionsOf(flags.line, context);
		output.json({script: null, completions: completions === 'files' ? [] : completions} satisfies CompletionJson);
		for (const text of completions === 'files' ? [':files'] : completions.map(textOf)) output.source(text);
		return exitCode.done;
	},
});

function isShell(name: string | undefined): name is Shell {
	return shells.some((shell) => shell === name);
}

async function completionsOf(line: string, context: Context): Promise<readonly Completion[] | 'files'> {
	const expected = expectedAt(line, await context.commands());
	if (expected.kind === 'files') return 'files';
	if (expected.kind === 'words') return expected.completions;
	const word = line.split(/\s+/).at(-1) ?? '';
	const {projectNames} = await import('./completion/project-names.ts');
	try {
		const project = projectAt({
			cwd: context.cwd,
			environment: context.environment,
			config: context.flags.config,
			db: context.flags.db,
			...expected.flags,
		});
		const names = projectNames(project, expected.thing).map((name) => ({...name, word: `${expected.prefix}${name.word}`}));
		const found = matching(word, names);
		return found.kind === 'words' ? found.completions : [];
	} catch (error) {
		// Without a project there are no names, and the Tab key has no place for an error.
		if (error instanceof MigrError) return [];
		throw error;
	}
}

function textOf({word, description}: Completion): string {
	return `${word}\t${clean(description)}`;
}
