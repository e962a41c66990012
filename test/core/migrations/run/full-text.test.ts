import {describe, expect, test} from 'vitest';
import {type ProjectFolder, projectFolder, toml} from '../../../project-folder.ts';

const rebuild = "op.execute(`INSERT INTO doc_text (doc_text) VALUES ('rebuild')`);";
const change = (columns: string, fill = '') => `op.changeTable('doc', 'CREATE TABLE doc (${columns})'${fill});`;

function project(upgrade: string, downgrade?: string): ProjectFolder {
	const folder = projectFolder({'migrate.toml': toml});
	folder.exec(`CREATE TABLE doc (id INTEGER PRIMARY KEY, title TEXT, note TEXT); INSERT INTO doc VALUES (3, 'one', 'x');
		CREATE VIRTUAL TABLE doc_text USING fts5(title, content=doc); INSERT INTO doc_text (doc_text) VALUES ('rebuild');`);
	folder.migration('20260101_000000_change', upgrade, downgrade);
	return folder;
}

describe('a migration that changes the rows of a full-text index', () => {
	const filled = change('id INTEGER PRIMARY KEY, title TEXT NOT NULL, note TEXT', `, {fill: {title: "title || '!'"}}`);

	test('is reported if it does not fill the index again', async () => {
		const {stdout} = await project(filled).lite('upgrade', '--yes');
		expect(stdout).toContain(
			"20260101_000000_change changes rows of the full-text index doc_text, which keeps its old entries: to fill it again, execute INSERT INTO doc_text (doc_text) VALUES ('rebuild')",
		);
	});

	test('is reported with the trigger whose rows the index would get', async () => {
		const folder = project(filled);
		folder.exec(
			"CREATE TRIGGER some AFTER INSERT ON doc WHEN new.note = 'x' BEGIN INSERT INTO doc_text (rowid, title) VALUES (new.id, new.title); END;",
		);
		const {stdout} = await folder.lite('upgrade', '--yes');
		expect(stdout).toContain("VALUES ('rebuild'), which also adds the rows that trigger some omits");
	});

	test.each([
		['it fills the index', filled + rebuild],
		['it changes other values', change('id INTEGER PRIMARY KEY, title TEXT, note INTEGER')],
	])('is not reported if %s', async (_, upgrade) => {
		const {code, stdout} = await project(upgrade).lite('upgrade', '--yes');
		expect(code).toBe(0);
		expect(stdout).not.toContain('full-text');
	});

	test('still reports values that its downgrade does not restore', async () => {
		const folder = project(change('id INTEGER PRIMARY KEY, title BLOB'), change('id INTEGER PRIMARY KEY, title TEXT, note TEXT') + rebuild);
		expect(await folder.lite('upgrade', '--yes')).toMatchObject({code: 0});
		const {code, stdout} = await folder.lite('downgrade', '--yes');
		expect(code).toBe(0);
		expect(stdout).toContain('doc.note comes back without its values');
	});
});
