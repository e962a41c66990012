import {expect, test} from 'vitest';
import {projectFolder, toml} from '../../../project-folder.ts';

test('the list of backups distinguishes an upgrade from the downgrade of the same migration', async () => {
	const project = projectFolder({'migrate.toml': toml});
	project.write('migrations/1_a.sql', '-- upgrade\nCREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT);\n-- downgrade\nDROP TABLE t;\n');
	project.write('migrations/2_b.sql', '-- upgrade\nUPDATE t SET n = lower(n);\n-- downgrade\nUPDATE t SET n = upper(n);\n');
	await project.lite('upgrade', '--to', '1_a', '--yes');
	project.database((db) => db.exec("INSERT INTO t (n) VALUES ('A')"));
	expect((await project.lite('upgrade', '--yes')).code).toBe(0);
	expect((await project.lite('downgrade', '--yes')).code).toBe(0);
	const {stdout} = await project.lite('restore');
	expect(stdout.match(/before .*/g)).toEqual(['before undoing 2_b', 'before 2_b']);
});
