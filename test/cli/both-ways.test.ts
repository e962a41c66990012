import {readdirSync, realpathSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {commands} from '../../source/commands/registry.ts';
import {stateOf} from '../faults/database-state.ts';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';
import type {Finished} from './built-bin.ts';

/** One line of a story: a command line, or a change of the project between two of them. */
type Line = string | ((project: ProjectFolder) => void);

const user = 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER);\n';

/** Uses every command, with text and with JSON, with success, a refusal and a failure. */
const everyCommand: readonly Line[] = [
	'status',
	'init',
	'init --db other.db',
	({write}) => write('models/schema.sql', user),
	'create start',
	'upgrade --dry-run',
	'upgrade',
	({database}) => database((db) => db.exec("INSERT INTO user VALUES (1, 'Tom', 25), (2, 'Ann', 31)")),
	'status',
	'check --json',
	({write}) => write('models/schema.sql', user.replace('age INTEGER', 'years INTEGER')),
	'diff',
	'diff --json',
	'create years',
	'create years --drop user.age --json',
	'status --json',
	'check',
	'upgrade --sql',
	'upgrade',
	'upgrade --yes --json',
	'restore',
	'downgrade',
	// Without a second backup, whose name would depend on the time when it is taken.
	'downgrade --yes --no-backup',
	'upgrade --json',
	'upgrade --yes --no-backup',
	'bundle --out src/migrations.ts',
	'bundle --out src/migrations.ts --check --json',
	'squash both',
	'completion fish',
	'completion bash --line=lite-migr --json',
	'help upgrade --json',
	'pull --format ts --dry-run',
	'pull --format drizzle --dry-run --json',
	({write}) => write('models/schema.sql', 'CREATE TABLE user (\n'),
	'diff',
	'create broken --json',
	({write, database}) => {
		write('models/schema.sql', user);
		database((db) => db.exec('CREATE TABLE more (x)'));
	},
	'baseline more --json',
	'restore --json',
	({write}) => write('migrations/99990101_000000_bad.ts', "export function upgrade(op) {\n\top.execute('SELEC 1');\n}\n"),
	'upgrade',
	'upgrade --json',
];

const invalidUsage: readonly Line[] = [
	'',
	'--json',
	'--version',
	'--help',
	'help create',
	'upgarde',
	'upgrade --bogus',
	'upgrade --json --steps 0',
	'create',
];

/** Replaces what differs between two folders and two moments: the folder, times, durations, and the hashes that contain them. */
function normal(text: string, project: ProjectFolder): string {
	return text
		.replaceAll(realpathSync(project.path), '<folder>')
		.replace(/\d{8}[_T]\d{6}/g, '<time>')
		.replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?Z?)?/g, '<time>')
		.replace(/\b[\d,]+(\.\d+)? (ms|s)\b */g, '<duration>')
		.replace(/("(?:\w+(?:At|Ms)|bytesFree)":)[^,}]+/g, '$1<measured>')
		.replace(/\b[0-9a-f]{8}\b/g, '<plan>');
}

function shown({code, stdout, stderr}: Finished, project: ProjectFolder): Finished {
	return {code, stdout: normal(stdout, project), stderr: normal(stderr, project)};
}

/** Returns the names of all files of a project, and the contents of its database. */
function contentsOf(project: ProjectFolder): readonly string[] {
	const files = readdirSync(project.path, {recursive: true, encoding: 'utf8'}).toSorted();
	const database = files.includes('app.db') ? stateOf(join(project.path, 'app.db')).contents : 'no database';
	// The rows of the history contain times.
	return [...files, database.replace(/(_lite_migr: \d+ rows, )\w+/, '$1<digest>')].map((text) => normal(text, project));
}

/** Runs the story in two folders, in this process and by the built command, and compares every output, and the projects at the end. */
async function expectSame(story: readonly Line[], files: Readonly<Record<string, string>> = {}): Promise<void> {
	const [here, built] = [projectFolder(files), projectFolder(files)];
	for (const line of story) {
		if (typeof line !== 'string') {
			for (const project of [here, built]) line(project);
			continue;
		}
		const argv = line.split(' ').filter(Boolean);
		const [inProcess, ofBuilt] = [await here.lite(...argv), await built.builtLite(...argv)];
		expect({line, ...shown(inProcess, here)}).toEqual({line, ...shown(ofBuilt, built)});
	}
	expect(contentsOf(here)).toEqual(contentsOf(built));
}

describe('a command in this process and the built command', () => {
	test('print the same, with the same exit codes, and leave the same project', async () => {
		const names = everyCommand.flatMap((line) => (typeof line === 'string' ? line.split(' ')[0] : []));
		expect(names).toEqual(expect.arrayContaining(Object.keys(commands)));
		await expectSame(everyCommand);
	});

	test('report invalid usage in the same way', async () => {
		await expectSame(invalidUsage, {'migrate.toml': toml});
	});
});
