import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {parse} from 'smol-toml';
import {answersFromText} from '../../../source/commands/answers-file.ts';
import {schemaOf} from '../../../source/core/ddl/read.ts';
import {splitStatements} from '../../../source/core/ddl/split.ts';
import {type Decisions, noDecisions} from '../../../source/core/diff/question.ts';
import {readSqlFile} from '../../../source/core/models/sql-file.ts';
import type {Schema} from '../../../source/core/schema/schema.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';

export const fixtures = join(import.meta.dirname, '..', '..', 'fixtures');

/**
 * A folder of `test/fixtures`: `from.sql` is the database, `rows.sql` fills it, `to.sql` contains the models, and `answers.toml` has the format of
 * `--answers`. `options.toml` with `sqlite = "3.40.0"` selects the plan for an older SQLite. `plan.txt` is the expected plan.
 */
export interface GoldenCase {
	readonly decisions: Decisions;
	readonly sqliteVersion: string | undefined;
	readonly models: Schema;
	/** Creates a database in memory, with its rows. */
	build(): Database;
}

export function readCase(name: string): GoldenCase {
	const at = (file: string) => join(fixtures, name, file);
	const text = (file: string) => (existsSync(at(file)) ? readFileSync(at(file), 'utf8') : '');
	const {sqlite} = parse(text('options.toml')) as {readonly sqlite?: string};
	return {
		decisions: existsSync(at('answers.toml')) ? answersFromText(text('answers.toml'), at('answers.toml')) : noDecisions,
		sqliteVersion: sqlite,
		models: schemaOf(readSqlFile(at('to.sql'))),
		build() {
			const db = openInMemory();
			// Byte for byte, as SQLite stores a definition written by a user.
			for (const {text: sql} of splitStatements(text('from.sql'))) db.exec(sql);
			db.exec(text('rows.sql'));
			return db;
		},
	};
}
