import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {normal, pageText} from '../docs/page.ts';
import {type pages, runPage} from './page-run.ts';
import {remoteProject} from './remote-project.ts';
import {startRqlite} from './rigs.ts';

/** Also replaces plan ids, dates and sizes, which differ between runs. */
function normalized(text: string): string {
	return normal(text)
		.replaceAll(/\b[\d,.]+ (?:k?B|bytes)\b/g, '<size>')
		.replaceAll(/\b\d+ statements\b/g, '<n> statements')
		.replaceAll(/\b(plan) [0-9a-f]{8}\b/g, '$1 <id>')
		.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, '<date>');
}

test.each(['d1', 'libsql', 'rqlite'] satisfies readonly (keyof typeof pages)[])('every step of the page docs/engines/%s.md works', async (name) => {
	expect(normalized(await runPage(name))).toBe(normalized(pageText(`docs/engines/${name}.md`)));
});

test('rqlite loads a backup, as its page says', async () => {
	const rig = await startRqlite();
	try {
		const project = remoteProject(rig);
		await project.exec('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT)', "INSERT INTO user VALUES (1, 'Ann')");
		const before = await project.contents();
		project.migration('gone', 'DROP TABLE user;');
		expect(await project.lite('upgrade', '--yes')).toMatchObject({code: 0});
		const [backup = ''] = readdirSync(join(project.path, 'backups')).filter((file) => file.endsWith('.db'));
		const answer = await fetch(`http://127.0.0.1:${rig.port}/db/load`, {
			method: 'POST',
			headers: {'Content-Type': 'application/octet-stream'},
			body: readFileSync(join(project.path, 'backups', backup)),
		});
		expect(await answer.text()).not.toContain('error');
		expect(await project.contents()).toEqual(before);
		expect(await project.lite('upgrade', '--yes')).toMatchObject({code: 0});
		expect(await project.values("SELECT count(*) FROM sqlite_schema WHERE name = 'user'")).toEqual([0]);
	} finally {
		await rig.stop();
	}
});
