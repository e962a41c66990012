import {chmodSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {expectWhole} from '../faults/database-state.ts';
import {rewriteProject} from '../faults/rewrite-project.ts';
import {projectFolder, toml} from '../project-folder.ts';

const project = rewriteProject({rows: 500});

describe('pitfall 33: a backup', () => {
	test('is taken once for an upgrade with several risky migrations, and is reported with the command that restores it', async () => {
		const copy = project.copy();
		copy.write('migrations/20260103_000000_more.ts', "export function upgrade(op) { op.dropColumn('note', 'text'); }\n");
		const {code, stdout} = await copy.lite('upgrade', '--yes');
		expect(code).toBe(0);
		const [backup = '', ...others] = copy.files('backups');
		expect(others).toEqual([]);
		expectWhole(join(copy.path, 'backups', backup), {old: project.contents.old});
		expect(stdout).toContain(`backup   backups/${backup}`);
		expect(stdout).toContain(`restore  lite-migr restore ${backup.slice(4, 19)}\n`);
	});

	test.each([
		['is a file', (folder: string) => writeFileSync(folder, '')],
		['is below a file', (folder: string) => writeFileSync(join(folder, '..', 'models', 'file'), '')],
	] as const)('that cannot be taken stops the run before anything is written (its folder %s)', async (_name, spoil) => {
		const copy = project.copy();
		const dir = _name === 'is a file' ? './backups' : './models/file/backups';
		copy.write('migrate.toml', `${copy.read('migrate.toml')}backup_dir = "${dir}"\n`);
		spoil(join(copy.path, 'backups'));
		const {code, stderr} = await copy.lite('upgrade');
		expect(code).toBe(1);
		expect(stderr).toMatch(/^✗ cannot take a backup: /);
		expect(stderr).toContain('  nothing was written: app.db has no migrations applied\n');
		expectWhole(copy.file, {old: project.contents.old});
		expect(await copy.lite('upgrade', '--no-backup')).toMatchObject({code: 0, stderr: ''});
		expectWhole(copy.file, {new: project.contents.new});
	});

	test('is not taken for migrations that lose nothing', async () => {
		const folder = projectFolder({
			'migrate.toml': toml,
			'migrations/20260101_000000_a.ts':
				"export function upgrade(op) { op.addColumn('a', 'y TEXT'); op.createIndex('CREATE INDEX a_x ON a (x)'); }\n",
		});
		folder.database((db) => db.exec('CREATE TABLE a (x); INSERT INTO a VALUES (1)'));
		chmodSync(join(folder.path, 'app.db'), 0o600);
		expect(await folder.lite('upgrade')).toMatchObject({code: 0, stderr: ''});
		expect(folder.files('.')).not.toContain('backups');
	});
});
