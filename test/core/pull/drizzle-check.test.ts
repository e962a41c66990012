import {symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {projectFolder, toml} from '../../project-folder.ts';

const schema = `
	CREATE TABLE parent (id INTEGER PRIMARY KEY, code TEXT CONSTRAINT uq UNIQUE COLLATE NOCASE, n TEXT CHECK (n <> ''), m INTEGER, CONSTRAINT pn UNIQUE (n), CONSTRAINT positive CHECK (m > 0), CHECK (m > id)) STRICT;
	CREATE TABLE child (a INTEGER NOT NULL, b INTEGER NOT NULL, p INTEGER, CONSTRAINT pk PRIMARY KEY (a, b), CONSTRAINT fk_p FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED) WITHOUT ROWID;
	CREATE TABLE other (a INTEGER, p INTEGER CONSTRAINT fk_p REFERENCES parent (id), CONSTRAINT pn UNIQUE (a));
	CREATE UNIQUE INDEX other_p_unique ON other (p);
`;

test.each(['drizzle-orm', 'drizzle-orm-next'])(
	'models pulled for %s do not differ from the database, whatever Drizzle has no words for',
	async (orm) => {
		const project = projectFolder({'migrate.toml': toml, 'node_modules/.keep': ''});
		symlinkSync(join(import.meta.dirname, '../../../node_modules', orm), join(project.path, 'node_modules', 'drizzle-orm'));
		project.database((db) => db.exec(schema));
		expect(await project.lite('pull', '--format', 'drizzle')).toMatchObject({code: 0, stderr: ''});
		expect(await project.lite('baseline', 'start')).toMatchObject({code: 0, stderr: ''});
		expect(await project.lite('check')).toMatchObject({code: 0, stdout: '✔ models, migrations and app.db agree\n'});
		// A real difference is still one.
		const pulled = project.read('models/schema.ts');
		project.write('models/schema.ts', pulled.replace(/\.unique\((?:'[^']*')?\)/, ''));
		expect((await project.lite('check')).code).toBe(4);
		project.write('models/schema.ts', pulled.replace("'positive'", "'above_zero'"));
		expect(await project.lite('check')).toMatchObject({code: 4, stdout: expect.stringContaining('above_zero')});
		project.write('models/schema.ts', pulled.replace(/(check\('parent_check_\d', sql`)m > id/, '$1m >= id'));
		expect(await project.lite('check')).toMatchObject({code: 4, stdout: expect.stringContaining('m >= id')});
	},
	120_000,
);
