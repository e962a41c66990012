import {expect, test} from 'vitest';
import {projectForEachTest, toml} from '../../../project-folder.ts';

const project = projectForEachTest();

// SQLite from 3.50 on refuses the rows itself. `npm run test:better-sqlite3` runs this with an older one.
test.each([
	['an INSERT', "op.execute('INSERT INTO item (id, a) VALUES (2, 5)'); op.execute(\"INSERT INTO item (id, a) VALUES (3, 'x')\");", ''],
	['an UPDATE', 'op.execute("UPDATE item SET a = \'x\' WHERE id = 1");', ''],
	['a trigger', 'op.execute("INSERT INTO log VALUES (\'x\')");', ''],
	['code', "op.run(({db}) => db.prepare('UPDATE item SET a = ? WHERE id = 1').run('x'));", ''],
	['a statement outside a transaction', 'op.execute("UPDATE item SET a = \'x\' WHERE id = 1");', 'export const transaction = false;'],
])('generated values of a STRICT table that do not fit after %s stop the run, and nothing is changed', async (_, change, rest) => {
	project.write('migrate.toml', toml);
	project.exec(
		'CREATE TABLE item (id INTEGER PRIMARY KEY, a ANY, b INT AS (a)) STRICT; INSERT INTO item (a) VALUES (1); CREATE TABLE log (a); CREATE TRIGGER logged AFTER INSERT ON log BEGIN INSERT INTO item (a) VALUES (new.a); END',
	);
	project.migration('20260101_000000_change', change, undefined, rest);
	const {code, stderr} = await project.lite('upgrade', '--yes');
	expect(code).toBe(1);
	expect(stderr).toMatch(/values of item\.b do not fit: INT \(1 row\)|cannot store TEXT value in INT column item\.b/);
	expect(project.all('SELECT id, a, b FROM item')).toEqual([{id: 1, a: 1, b: 1}]);
	expect(project.value('SELECT count(*) FROM log')).toBe(0);
});
