import {expect, test} from 'vitest';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';
import {argumentsOf, blocksOf, commandsOf, normal, pageText} from './page.ts';

const tenants = ['acme', 'globex', 'initech'];

/** Also replaces what differs between machines and runs: free space, the size of databases, and hashes. */
function normalized(text: string): string {
	return normal(text)
		.replaceAll(/\d+(?:\.\d+)? [kMGT]B\b/g, 'SIZE')
		.replaceAll(/<size>/g, 'SIZE')
		.replaceAll(/\b(plan|schema) [0-9a-f]{8}\b/g, '$1 HASH');
}

/** Creates the databases as the page expects them. */
async function createTenants(project: ProjectFolder): Promise<void> {
	expect(await project.lite('create', 'start')).toMatchObject({code: 0});
	project.write('tenants/.keep', '');
	for (const tenant of tenants) {
		expect(await project.lite('upgrade', '--db', `tenants/${tenant}.db`)).toMatchObject({code: 0});
		execute(
			project,
			`tenants/${tenant}.db`,
			`INSERT INTO customer VALUES (1, 'Ann', 'ann@${tenant}.example', NULL), (2, 'Bob', 'bob@${tenant}.example', '555-0100')`,
		);
	}
	execute(project, 'tenants/globex.db', "UPDATE customer SET mail = 'ann@globex.example'");
}

function execute(project: ProjectFolder, file: string, sql: string): void {
	const db = openDatabase(project.at(file));
	db.exec(sql);
	db.close();
}

test('every step of the page "Many databases" works', async () => {
	const project = projectFolder({'migrate.toml': toml});
	const done = {files: 0, commands: 0};
	let plan = '';
	for (const block of blocksOf(pageText('docs/fleets.md'))) {
		if (block.file !== undefined) {
			project.write(block.file, block.text);
			done.files += 1;
			if (done.files === 1) await createTenants(project);
			continue;
		}
		if (block.language !== 'console') continue;
		for (const shown of commandsOf(block)) {
			const [, file, sql] = /^sqlite3 (\S+) "(.*)"$/.exec(shown.command) ?? [];
			if (file !== undefined && sql !== undefined) {
				execute(project, file, sql);
				continue;
			}
			const argv = argumentsOf(shown).map((word) => word.replace(/^'(.*)'$/, '$1').replace(/^[0-9a-f]{8}$/, plan));
			const {stdout, stderr} = await project.lite(...argv);
			plan = /^plan ([0-9a-f]{8})$/m.exec(stdout)?.[1] ?? plan;
			// What fails before the end is printed first, and the reason for the stop last.
			const [early = '', late = ''] = stderr.split(/^(?=✗ \d+ database)/m);
			expect(normalized(`${early}${stdout}${late}`), argv.join(' ')).toBe(normalized(shown.output));
			done.commands += 1;
		}
	}
	expect(done).toEqual({files: 2, commands: 4});
	for (const tenant of tenants) {
		const status = await project.lite('status', '--json', '--db', `tenants/${tenant}.db`);
		expect(JSON.parse(status.stdout)).toMatchObject({pending: [], drift: [], inSync: true});
	}
	expect(project.files('tenants/backups')).toHaveLength(3);
});
