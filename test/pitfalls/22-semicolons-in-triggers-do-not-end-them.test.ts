import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

/** Everything that misleads a splitter that only looks for semicolons. */
const tricky = `CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT DEFAULT 'a;b -- c', "x;y" TEXT /* ; */); -- the end;
CREATE TABLE log (what TEXT);
/* CREATE TABLE nothing (x); */
CREATE TRIGGER user_new AFTER INSERT ON user
WHEN CASE WHEN new.id > 0 THEN 1 ELSE 0 END
BEGIN
	INSERT INTO log (what) VALUES (CASE new.name WHEN 'end' THEN 'END;' WHEN 'begin' THEN 'BEGIN' ELSE CASE WHEN 1 THEN 'it''s; ' || new.name END END); -- END;
	/* END; */
	UPDATE user SET "x;y" = 'END' WHERE id = new.id;
END;
CREATE VIEW "end" AS SELECT CASE WHEN id > 0 THEN 'yes;' END AS answer FROM user;
CREATE TRIGGER "begin" INSTEAD OF DELETE ON "end" BEGIN SELECT 1; SELECT CASE 1 WHEN 1 THEN 2 END; END`;

const withCrlf = tricky.replaceAll('\n', '\r\n');
const changed = (text: string) => text.replace('what TEXT', 'what TEXT, at INTEGER DEFAULT (1 + 1)').replace("'it''s; '", "'it is; '");

function expectItWorks(project: ReturnType<typeof modelsAndDatabase>, greeting: string): void {
	project.exec("INSERT INTO user (id, name) VALUES (11, 'end'), (12, 'begin'), (13, 'x')");
	const logged = project.rows('log', 'what');
	expect(logged.slice(-3).toSorted()).toEqual(["text 'BEGIN'", "text 'END;'", `text '${greeting}; x'`]);
	expect(project.value('SELECT "x;y" FROM user WHERE id = 13')).toBe('END');
	expect(project.value('SELECT answer FROM "end" LIMIT 1')).toBe('yes;');
	project.exec('DELETE FROM "end"; DELETE FROM log; DELETE FROM user WHERE id > 10;');
}

describe.each([
	['LF', tricky],
	['CRLF', withCrlf],
])('pitfall 22: triggers with CASE … END, comments and quotes, lines ending with %s', (_, text) => {
	test.each(formats)('are kept intact by models and a .%s migration', async (format) => {
		const project = modelsAndDatabase('', text, format);
		await project.migrate();
		expectItWorks(project, "it''s");
	});

	test.each(formats)('can be changed and rewritten by a .%s migration', async (format) => {
		const project = modelsAndDatabase(text, changed(text), format);
		await project.migrate({}, true);
		expectItWorks(project, 'it is');
		expect((await project.downgrade(true)).last).toMatchObject({type: 'done'});
		expectItWorks(project, "it''s");
	});
});
