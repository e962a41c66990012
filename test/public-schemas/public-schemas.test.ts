import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {resultsPage} from './page.ts';
import type {MigrationFolder, PublicProject} from './project.ts';
import {projects} from './projects.ts';
import type {RepositoryFiles} from './repository.ts';
import type {Outcome, ProjectResult} from './result.ts';
import {adoptProject, importHistory} from './story.ts';

const results = JSON.parse(readFileSync(join(import.meta.dirname, 'results.json'), 'utf8')) as readonly ProjectResult[];

describe('the page about public schemas', () => {
	test('contains the results of the script: npm run test:public-schemas -- CLONES --update', () => {
		expect(readFileSync(join(import.meta.dirname, '../../docs/public-schemas.md'), 'utf8')).toBe(resultsPage(results));
	});

	test('has every project, at the commit that the script reads', () => {
		const identity = ({name, repository, commit, license}: Pick<PublicProject, 'name' | 'repository' | 'commit' | 'license'>) =>
			[name, repository, commit, license].join(' ');
		expect(results.map(identity)).toEqual(projects.map(identity));
		expect(new Set(results.map(({repository}) => repository)).size).toBeGreaterThanOrEqual(30);
		expect(new Set(results.flatMap(({history}) => history?.tool ?? [])).size).toBe(8);
	});

	test('says for each refusal why, and what the user can do', () => {
		const outcomes = results.flatMap(({pull, adopt, change, undo, build, history}): readonly Outcome[] => [
			...Object.values(pull),
			...[adopt, change, undo, build],
			...(history === undefined ? [] : [history.adopt, history.build]),
		]);
		for (const outcome of outcomes) if (outcome.kind === 'refused') expect([outcome.reason, outcome.fix]).not.toContain('');
	});
});

const schema = `
	CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'anonymous' COLLATE NOCASE);
	CREATE TABLE book (id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES author (id), title TEXT NOT NULL CHECK (title <> ''));
	CREATE INDEX by_title ON book (title);
	CREATE VIEW titles AS SELECT author.name, book.title FROM book JOIN author ON author.id = book.author;
	CREATE TRIGGER trimmed AFTER INSERT ON book BEGIN UPDATE book SET title = trim(title) WHERE id = new.id; END;
`;

function project(definitions: PublicProject['definitions'], more: Partial<PublicProject> = {}): PublicProject {
	return {name: 'Library', repository: 'owner/library', commit: 'HEAD', license: 'MIT', definitions, ...more};
}

function filesOf(files: Readonly<Record<string, string>>): RepositoryFiles {
	return {list: (folder) => Object.keys(files).filter((path) => path.startsWith(`${folder}/`)), read: (path) => files[path] ?? ''};
}

function folder(): string {
	const path = mkdtempSync(join(tmpdir(), 'lite-migr-public-'));
	onTestFinished(() => rmSync(path, {recursive: true, force: true}));
	return path;
}

describe('the script', () => {
	const sql = project({kind: 'sql', files: ['schema.sql']});

	test('adopts a schema, changes it and undoes the change', async () => {
		const result = await adoptProject(sql, filesOf({'schema.sql': schema}), folder());
		expect(result.counts).toEqual({tables: 2, indexes: 1, triggers: 1, views: 1, virtualTables: 0, rows: 6});
		const done = {kind: 'done', notes: []};
		expect(result).toMatchObject({pull: {sql: done, ts: done, drizzle: {kind: 'done'}}, adopt: done, change: done, undo: done, build: done});
		expect(result.pull.drizzle).toMatchObject({notes: ['CHECK without a name: 1']});
	});

	test('reports the reason of a refusal, and tries nothing after it', async () => {
		const text = schema.replace("'anonymous' COLLATE NOCASE", "'anonymous' COLLATE by_sound").replace('(title);', '(title COLLATE by_sound);');
		const result = await adoptProject({...sql, collation: 'by_sound'}, filesOf({'schema.sql': text}), folder());
		expect(result.adopt).toEqual({kind: 'done', notes: []});
		expect(result.pull.sql).toMatchObject({kind: 'refused', reason: expect.stringContaining('by_sound'), fix: expect.stringContaining('ignore')});
		expect(result.change).toEqual({kind: 'notTried'});
	});

	test('reports a change that a trigger refuses, and tries the change without the new column', async () => {
		const text = `${schema} CREATE TRIGGER copies AFTER DELETE ON author BEGIN INSERT INTO author VALUES (old.id, old.name); END;
			CREATE VIEW names AS SELECT name FROM author;`;
		const result = await adoptProject(sql, filesOf({'schema.sql': text}), folder());
		expect(result.change).toMatchObject({
			kind: 'refused',
			reason: 'trigger copies: table author has 3 columns but 2 values were supplied',
			fix: expect.stringContaining('name the columns in its INSERT INTO author (…)'),
		});
		expect(result.undo).toEqual({kind: 'done', notes: []});
	});

	test.each(['goose', 'golang-migrate', 'dbmate'] as const)('imports the migrations of %s', async (tool) => {
		const [up, down] = {
			goose: ['-- +goose Up\n-- +goose StatementBegin\n', '-- +goose StatementEnd\n-- +goose Down\n'],
			dbmate: ['-- migrate:up\n', '-- migrate:down\n'],
			'golang-migrate': ['', undefined],
		}[tool];
		const definitions: MigrationFolder = {kind: 'migrations', tool, folder: 'db'};
		const files =
			down === undefined
				? {'db/1_start.up.sql': schema, 'db/1_start.down.sql': 'DROP TABLE book;'}
				: {'db/1_start.sql': `${up}${schema}${down}DROP TABLE book;\n`};
		const history = await importHistory(project(definitions), definitions, filesOf(files), folder());
		expect(history).toEqual({tool, migrations: 1, adopt: {kind: 'done', notes: []}, build: {kind: 'done', notes: []}});
	});
});
