import {readFileSync} from 'node:fs';
import {dirname, join, relative} from 'node:path';
import {type Command, commonFlags} from '../../source/commands/line/command.ts';
import {commandLine, exitCodes, flagRows, placeholder} from '../../source/commands/line/help.ts';
import {asMarkdown, pageOf, plainText, tableOf} from '../markdown.ts';
import {slugOf} from '../slug.ts';
import type {Declaration, Declarations} from './declarations.ts';
import {type GeneratedPage, pathOfShape} from './reference-pages.ts';

const root = join(import.meta.dirname, '../..');
const folder = 'docs/commands';

/** The pages that show commands with their output. Tests run these commands, so the output is real. */
const pagesWithOutput = ['README.md', 'docs/existing-database.md', 'docs/from-drizzle.md', 'docs/from-pylite-orm.md'];

/** A command with its output, as shown on a page. */
interface ShownRun {
	readonly command: string;
	readonly output: string;
	readonly page: string;
	readonly heading: string;
}

/** Returns one page for each command, from the same data as `lite-migr help <command>`. */
export function commandPages(commands: readonly Command[], types: Declarations): readonly GeneratedPage[] {
	const runs = pagesWithOutput.flatMap(shownRuns);
	return commands.map((command) => {
		const path = `${folder}/${command.name}.md`;
		const [run] = runs.filter(({command: line, output}) => line.startsWith(`npx lite-migr ${command.name}`) && output !== '');
		const {argument} = command;
		const hasFlags = Object.keys(command.flags).length > 0;
		return {
			path,
			text: pageOf([
				`# lite-migr ${command.name}`,
				sentence(asMarkdown(command.summary)),
				`\`\`\`sh\nlite-migr ${commandLine(command)} [flags]\n\`\`\``,
				...command.description.map(asMarkdown),
				...(argument === undefined
					? []
					: ['## Argument', tableOf(['argument', 'description'], [[`\`${placeholder(argument)}\``, asMarkdown(argument.help)]])]),
				...(hasFlags ? ['## Flags', flagTable(command.flags)] : []),
				'## Global flags',
				flagTable(commonFlags),
				'## Exit codes',
				exitCodeTable(command.name),
				'## Examples',
				`\`\`\`sh\n${command.examples.map(([line, what]) => (what === '' ? line : `# ${what}\n${line}`)).join('\n')}\n\`\`\``,
				...(run === undefined ? [] : ['## Output', outputOf(run, path)]),
				'## JSON',
				jsonList(command.name, types, path),
			]),
		};
	});
}

/** Returns the page about the program as a whole, from the same data as `lite-migr help`. */
export function commandsOverview(commands: readonly Command[]): GeneratedPage {
	return {
		path: `${folder}/README.md`,
		text: pageOf([
			'# Commands',
			'`lite-migr` without a command opens the interactive menu. Every command works without a terminal, and prints JSON with `--json`.',
			tableOf(
				['command', 'what it does'],
				commands.map((command) => [`[\`${commandLine(command)}\`](${command.name}.md)`, asMarkdown(command.summary)]),
			),
			'## Global flags',
			flagTable(commonFlags),
			'## Exit codes',
			exitCodeTable(),
			'On screens, Escape, `q`, Cancel and Ctrl-C leave a question, a preview or a confirmation with exit code 130, and nothing was written. The answers so far are printed as a command that continues from there. Leaving the menu, or a list that only shows something, is 0.',
		]),
	};
}

function flagTable(flags: Command['flags']): string {
	return tableOf(
		['flag', 'description'],
		flagRows(flags).map(([flag, help]) => [`\`${flag}\``, asMarkdown(help)]),
	);
}

/** Lists the exit codes of a command, or of all commands. Only `check` and `bundle` use the code for differences. */
function exitCodeTable(command = 'check'): string {
	return tableOf(
		['code', 'meaning'],
		exitCodes.filter(([code]) => code !== '4' || ['check', 'bundle'].includes(command)).map(([code, meaning]) => [code, asMarkdown(meaning)]),
	);
}

function outputOf({command, output, page, heading}: ShownRun, path: string): string {
	const link = `${relative(dirname(path), page)}#${slugOf(heading)}`;
	return `\`\`\`console\n$ ${command}\n${output}\n\`\`\`\n\nFrom [${heading}](${link}).`;
}

/** Lists the shapes whose docstring names the command with `--json`. */
function jsonList(command: string, types: Declarations, path: string): string {
	const shapes = types.json.filter(({doc}) => [...doc.matchAll(/`([^`]*)--json`/g)].some(([, line = '']) => line.split(' ')[0] === command));
	if (shapes.length === 0) throw new Error(`no type in source/commands/json.ts has a docstring with \`${command} --json\``);
	const error = types.json.find(({name}) => name === 'ErrorJson');
	const line = ({name, doc}: Declaration) => `- [\`${name}\`](${relative(dirname(path), pathOfShape(name))}): ${doc.replaceAll('\n', ' ')}`;
	return [...shapes.filter((shape) => shape !== error), ...(error === undefined ? [] : [error])].map(line).join('\n');
}

/** Returns the commands of the console blocks of a page, with their output and the heading above them. */
function shownRuns(page: string): readonly ShownRun[] {
	const text = readFileSync(join(root, page), 'utf8');
	return [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(({1: block = '', index}) => {
		const heading = plainText([...text.slice(0, index).matchAll(/^#+ (.+)$/gm)].at(-1)?.[1] ?? '');
		return block
			.split(/^\$ /m)
			.slice(1)
			.map((part) => {
				const [command = '', ...output] = part.split('\n');
				return {command, output: output.join('\n').trimEnd(), page, heading};
			});
	});
}

function sentence(text: string): string {
	return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
