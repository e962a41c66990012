import {spawnSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {beforeAll, expect, test} from 'vitest';
import {builtBin} from '../../../cli/built-bin.ts';
import {projectForEachTest} from '../../../project-folder.ts';

// Building takes longer than a test may.
beforeAll(() => void builtBin(), 120_000);

const project = projectForEachTest();

test.each(['DELETE', 'WAL'])('a path that the program has open with node:sqlite is opened with node:sqlite, which sees its locks (%s)', (mode) => {
	project.exec("CREATE TABLE user (id INTEGER PRIMARY KEY, nick TEXT); INSERT INTO user VALUES (1, '7')");
	project.migration('20260101_000000_rewrite', "op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, nick INTEGER)');");
	const library = pathToFileURL(join(dirname(builtBin()), 'index.js')).href;
	writeFileSync(
		project.at('app.mjs'),
		`import {DatabaseSync} from 'node:sqlite';
import {apply} from ${JSON.stringify(library)};

async function endOf() {
	let last;
	for await (const event of apply({database: 'app.db', migrationsDir: 'migrations', wait: 0.2})) last = event;
	return last.code ?? last.type;
}
const db = new DatabaseSync('app.db');
db.exec("PRAGMA journal_mode = ${mode}; BEGIN IMMEDIATE; INSERT INTO user VALUES (2, '8')");
const ends = [await endOf()];
db.exec('COMMIT');
ends.push(await endOf());
console.log(JSON.stringify([ends, db.prepare('SELECT * FROM user').all(), db.prepare('PRAGMA integrity_check').all()]));
db.close();
`,
	);
	const {stdout, stderr} = spawnSync(process.execPath, ['--no-warnings', 'app.mjs'], {cwd: project.path, encoding: 'utf8'});
	expect(stderr).toBe('');
	expect(JSON.parse(stdout)).toEqual([
		['locked', 'done'],
		[
			{id: 1, nick: 7},
			{id: 2, nick: 8},
		],
		[{integrity_check: 'ok'}],
	]);
});
