import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join, relative} from 'node:path';
import {commands} from '../../source/commands/registry.ts';
import {firstSentence, pageOf, plainText, withoutCodeBlocks, withoutLinks} from '../markdown.ts';
import type {Page, Section} from '../navigation.ts';
import {commandPages, commandsOverview} from './command-pages.ts';
import {readDeclarations} from './declarations.ts';
import {type GeneratedPage, referencePages} from './reference-pages.ts';

const root = join(import.meta.dirname, '../..');

const decisionList = 'docs/decisions/README.md';
const description = 'SQLite migrations that start from your data models and keep every row.';

/** Returns every generated file: the pages of commands, types and error codes, the lists of pages, and `llms.txt`. */
export async function generatedFiles(): Promise<readonly GeneratedPage[]> {
	const types = readDeclarations();
	const loaded = await Promise.all(Object.values(commands).map((load) => load()));
	const overview = commandsOverview(loaded);
	const commandFiles = commandPages(loaded, types);
	const {errors, json, library} = referencePages(types);
	const generated = [overview, ...commandFiles, ...errors, ...json, ...library];
	const written = (path: string, summary?: string) => pageAt(path, readFileSync(join(root, path), 'utf8'), summary);
	const pagesOf = (files: readonly GeneratedPage[]) => files.map(({path, text}) => pageAt(path, text));
	const decisions = readdirSync(join(root, 'docs/decisions'))
		.filter((name) => /^\d/.test(name))
		.toSorted();

	const decisionPages = decisions.map((name) => written(`docs/decisions/${name}`));
	const sections: readonly Section[] = [
		{
			title: 'Guide',
			pages: [
				{...written('README.md', 'Install lite-migr, write the first migrations, and use it in CI and in a program.'), title: 'Getting started'},
				written('docs/models.md', 'Models in TypeScript, SQL, Prisma and Python, renames, and values for new columns.'),
				written('docs/in-your-program.md', 'Apply migrations when a program starts: on a path, on an open connection, or in a transaction.'),
				written('docs/in-your-tests.md', 'A migrated database for each test, tests of single migrations, and databases of old releases.'),
				written('docs/packaging.md', 'Ship a program with its migrations: bundlers, Bun, Deno, test runners, archives, package managers.'),
				written('docs/fleets.md', 'Upgrade one database per tenant: patterns, canaries, consent for all, and what happens to those that fail.'),
				written('docs/sql-migrations.md', 'Migration files in plain SQL, and which of them other programs can run.'),
				written('docs/on-a-device.md', 'Apply migrations in apps, browsers and Workers, from one module and without files.'),
				written('docs/engines/wrangler.md', 'Files for wrangler d1 migrations apply on Cloudflare D1, and one history for both tools.'),
				written('docs/for-coding-agents.md', 'Use lite-migr from a program: ask the user, try the plan, show it, and run exactly that plan.'),
				written('docs/screens.md', 'Pictures of the screens in a terminal.'),
				written('docs/safety.md', 'The guarantees, how they are kept, and the tests that check them.'),
			],
		},
		{
			title: 'Migrating',
			pages: [
				written('docs/existing-database.md', 'Adopt a database that is in use, with or without the history of another tool.'),
				written('docs/from-drizzle.md', 'Keep the Drizzle schema, and replace only drizzle-kit.'),
				written('docs/from-pylite-orm.md', 'Keep the models, the migrations and the history of pylite-orm.'),
				written('docs/public-schemas.md', 'What works with the databases of over 50 public projects, and what is refused and why.'),
				written('docs/from-other-tools.md', 'Continue from Prisma, wrangler, Diesel, sqlx, goose, Knex, Kysely, TypeORM, Django or Rails.'),
			],
		},
		{
			title: 'Servers',
			pages: [
				{
					...written('docs/engines/README.md', 'Cloudflare D1, libSQL and rqlite: guarantees, limits, credentials and how to go back.'),
					title: 'All servers',
				},
				written('docs/engines/d1.md', 'Migrate a D1 database, with foreign keys always on.'),
				written('docs/engines/libsql.md', 'Migrate a libSQL server such as sqld or Turso.'),
				written('docs/engines/rqlite.md', 'Migrate an rqlite cluster.'),
			],
		},
		{
			title: 'Commands',
			pages: [
				{...pageAt(overview.path, overview.text, 'The list of commands, global flags and exit codes.'), title: 'All commands'},
				...pagesOf(commandFiles),
			],
		},
		{
			title: 'Reference',
			pages: [
				...errors.map(({path, text}) => pageAt(path, text, 'What each code means, the state of the database, and the next step.')),
				...pagesOf(json),
			],
			collapsed: true,
		},
		{title: 'Library', pages: pagesOf(library), collapsed: true},
		{
			title: 'Project',
			pages: [
				written('CONTRIBUTING.md', 'The goals, commands and conventions of the project.'),
				written('docs/architecture.md', 'How data flows, what each folder contains, and which files a typical change touches.'),
				written('bench/RESULTS.md', 'Measured times and sizes, side by side with other tools.'),
				written('CHANGELOG.md', 'The changes in each version.'),
			],
		},
		{title: 'Decisions', pages: decisionPages, collapsed: true},
	];
	return [
		...generated,
		{
			path: decisionList,
			text: pageOf(['# Decisions', 'Decisions that were measured, or that may surprise readers.', listOf(decisionPages, decisionList)]),
		},
		{path: 'docs/README.md', text: documentation(sections)},
		{path: 'llms.txt', text: llms(sections)},
		{path: 'source/commands/line/error-codes.json', text: errorCodes(errors)},
		{path: 'site/pages.json', text: `${JSON.stringify(sections, null, '\t')}\n`},
	];
}

/** Returns the page of error codes as data, for `lite-migr help --error`. */
function errorCodes(pages: readonly GeneratedPage[]): string {
	const sections = pages.flatMap(({text}) => text.split(/^## /m)).filter((section) => section.includes('\nExit code: '));
	const codes = sections.map((section) => {
		const [heading = '', ...paragraphs] = section.split(/\n{2,}/).map((paragraph) => paragraph.trim().replace(/\s*\n\s*/g, ' '));
		const field = (name: string) => {
			const found = paragraphs.find((paragraph) => paragraph.startsWith(`${name}: `));
			if (found === undefined) throw new Error(`the error code ${heading} has no line "${name}: …"`);
			return found.slice(name.length + 2);
		};
		return {
			code: heading.replaceAll('`', ''),
			exitCode: Number(field('Exit code')),
			meaning: paragraphs[0] ?? '',
			database: field('Database'),
			next: field('Next'),
		};
	});
	return `${JSON.stringify(codes, null, '\t')}\n`;
}

/** Returns the generated pages whose file on disk differs or is missing, and files in generated folders that are no longer generated. */
export function outdated(files: readonly GeneratedPage[]): readonly string[] {
	const changed = files.filter(({path, text}) => !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text);
	return [...changed.map(({path}) => path), ...leftOver(files)];
}

/** Returns the files in the folders of generated pages that are no longer generated. */
export function leftOver(files: readonly GeneratedPage[]): readonly string[] {
	const paths = new Set(files.map(({path}) => path));
	return ['docs/commands', 'docs/reference']
		.filter((folder) => existsSync(join(root, folder)))
		.flatMap((folder) => readdirSync(join(root, folder), {recursive: true, encoding: 'utf8'}).map((name) => `${folder}/${name}`))
		.filter((path) => path.endsWith('.md') && !paths.has(path));
}

function pageAt(path: string, text: string, summary = summaryOf(text)): Page {
	const title = /^# (.+)$/m.exec(text)?.[1];
	if (title === undefined) throw new Error(`${path} has no title`);
	return {path, title: plainText(title), summary};
}

/** Returns the first sentence of a page. */
function summaryOf(text: string): string {
	const paragraphs = withoutCodeBlocks(text)
		.split(/\n{2,}/)
		.map((paragraph) => paragraph.trim());
	const first = paragraphs.find((paragraph) => paragraph !== '' && !/^(?:#|\||- |!\[)/.test(paragraph)) ?? '';
	return firstSentence(withoutLinks(first.replace(/^\*\*Decision\.\*\* /, '')));
}

function listOf(pages: readonly Page[], from: string): string {
	return pages.map(({path, title, summary}) => `- [${title}](${relative(dirname(from), path)})${summary === '' ? '' : `: ${summary}`}`).join('\n');
}

function documentation(sections: readonly Section[]): string {
	return pageOf(['# Documentation', description, ...sections.flatMap(({title, pages}) => [`## ${title}`, listOf(pages, 'docs/README.md')])]);
}

/** Returns the list of pages for language models, as https://llmstxt.org describes it. Its links work in the repository and on the site. */
function llms(sections: readonly Section[]): string {
	return pageOf(['# lite-migr', `> ${description}`, ...sections.flatMap(({title, pages}) => [`## ${title}`, listOf(pages, 'llms.txt')])]);
}
