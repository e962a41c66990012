import {listsWithKind, totalOf} from './limitations.ts';
import {type Outcome, type ProjectResult, pullFormats, type Refused} from './result.ts';

/** Returns `docs/public-schemas.md`. */
export function resultsPage(results: readonly ProjectResult[]): string {
	const refusals: string[] = [];
	const rows = results.map((result) => {
		const cell = (step: string, outcome: Outcome) => mark(outcome, refusals, `${result.name}, ${step}`);
		const {tables, indexes, triggers, views, virtualTables} = result.counts;
		return [
			result.name,
			...[tables, indexes, triggers, views, virtualTables].map(String),
			...pullFormats.map((format) => cell(`models in ${formatNames[format]}`, result.pull[format])),
			cell('adopting', result.adopt),
			cell('changing', result.change),
			cell('undoing', result.undo),
			cell('a new database', result.build),
		];
	});
	const histories = results.flatMap(({name, history}) =>
		history === undefined
			? []
			: [
					[
						name,
						history.tool,
						String(history.migrations),
						mark(history.adopt, refusals, `${name}, importing from ${history.tool}`),
						mark(history.build, refusals, `${name}, a new database from ${history.tool}`),
					],
				],
	);
	const repositories = new Set(results.map(({repository}) => repository));
	return `# Public schemas

The databases of ${repositories.size} public projects, adopted by lite-migr. \`npm run test:public-schemas\` writes this page. It reads the definitions from clones of the projects, at the commits below, fills the tables with a few rows, and runs the commands of [an existing database](existing-database.md). This page shows the actual results.

${table(
	['database', 'tables', 'indexes', 'triggers', 'views', 'virtual tables', 'SQL', 'TypeScript', 'Drizzle', 'adopt', 'change', 'undo', 'new'],
	rows,
)}

- **tables** to **virtual tables** count the objects of the adopted database, without the tables of migration tools.
- **SQL**, **TypeScript**, **Drizzle**: \`pull\` writes models, and \`check\` finds no difference after the database was adopted. In parentheses: how many parts of the schema the format cannot express.
- **adopt**: \`baseline\` changes no schema and no row.
- **change**: the models get a new column and another default in the table that most depends on, a renamed column in the table where most objects name it, and lose a NOT NULL. \`create\` and \`upgrade\` make the same changes in the database, keep every row, and \`check\` finds no difference.
- **undo**: \`downgrade\` restores the schema and every row.
- **new**: \`upgrade\` builds a new database, equal to the adopted one.

✔ works, ✗ is refused for the reason with this number, – was not tried, because an earlier step was refused.

## What is refused

${refusals.length === 0 ? 'Nothing.' : refusals.map((text, index) => `${index + 1}. ${text}`).join('\n')}

## Drizzle models

Drizzle cannot express some parts of these schemas. \`pull --format drizzle\` lists them, and they do not count as differences: the database keeps its WITHOUT ROWID, STRICT, collations, deferred foreign keys, and CHECK constraints without a name. drizzle-orm 0.45 also cannot name keys, and writes UNIQUE as a unique index.

${table(
	['part', 'databases'],
	listsWithKind(results.map(({pull}) => (pull.drizzle.kind === 'done' ? pull.drizzle.notes : []))).map(([kind, count]) => [kind, String(count)]),
)}

## Migrations of other tools

The migrations of these projects were applied the way their own tool applies and records them. Then \`lite-migr baseline --from FOLDER\` imported them.

${table(['database', 'tool', 'migrations', 'import', 'new'], histories)}

- **import**: all migrations are marked as applied, no schema and no row changes, and \`pull\` and \`check\` find no difference.
- **new**: \`upgrade\` builds a new database with the imported files, equal to the adopted one. If it cannot, \`check\` reports that, and the adopted database still works.

## Sources

The definitions belong to their projects and are not part of lite-migr. They are read from these commits.

${table(
	['database', 'repository', 'commit', 'license'],
	results.map(({name, repository, commit, license}) => [name, repository, `\`${commit.slice(0, 12)}\``, license]),
)}

To repeat the run, clone the repositories to \`CLONES/owner/name.git\`, and run \`npm run test:public-schemas -- CLONES\`. It fails if a result differs from this page. With \`--update\`, it writes the page.
`;
}

const formatNames = {sql: 'SQL', ts: 'TypeScript', drizzle: 'Drizzle'};

/** Returns the mark of an outcome in a table. Adds a refusal to the list. */
function mark(outcome: Outcome, refusals: string[], what: string): string {
	if (outcome.kind === 'notTried') return '–';
	if (outcome.kind === 'done') return outcome.notes.length === 0 ? '✔' : `✔ (${totalOf(outcome.notes)})`;
	refusals.push(refusalText(what, outcome));
	return `✗ ${refusals.length}`;
}

function refusalText(what: string, {reason, fix}: Refused): string {
	return `**${what}**: ${escaped(reason)}${fix === '' ? '.' : `. What to do: ${escaped(fix)}.`}`;
}

function escaped(text: string): string {
	return text.replace(/[<>*_[\]`|\\]/g, '\\$&');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
