import {tokenize} from '../../../../ddl/lexer.ts';

/**
 * What to do with a PRAGMA of a migration (https://www.sqlite.org/pragma.html):
 *
 * - `read`: it only reports something about the schema. It runs and is not part of the migration.
 * - `keep`: it is part of the migration, because it changes the effect of later statements or the content of the file.
 * - `foreignKeys`: lite-migr switches foreign keys off itself, and checks them before it commits.
 * - `setting`: it changes how the file or the connection works, not what the database contains.
 */
export type PragmaUse = 'read' | 'keep' | 'foreignKeys' | 'setting';

/** These take an argument, and change nothing. */
const reports = new Set(
	'table_info table_xinfo table_list index_info index_xinfo index_list foreign_key_list foreign_key_check integrity_check quick_check'.split(' '),
);

const kept = new Set(
	'application_id case_sensitive_like defer_foreign_keys ignore_check_constraints legacy_alter_table recursive_triggers user_version writable_schema'.split(
		' ',
	),
);

/** Returns what to do with a PRAGMA, and its name in lower case. */
export function pragmaUse(sql: string): {readonly name: string; readonly use: PragmaUse} {
	const tokens = tokenize(sql).filter(({kind}) => kind !== 'space' && kind !== 'comment');
	// PRAGMA [schema .] name [= value | (value)]
	const at = tokens[2]?.text === '.' ? 3 : 1;
	const name = (tokens[at]?.text ?? '').replace(/^["'`[]|["'`\]]$/g, '').toLowerCase();
	const sets = tokens[at + 1] !== undefined && tokens[at + 1]?.text !== ';';
	if (name === 'foreign_keys') return {name, use: 'foreignKeys'};
	if (!sets || reports.has(name)) return {name, use: name === 'optimize' || name.startsWith('wal_checkpoint') ? 'setting' : 'read'};
	return {name, use: kept.has(name) ? 'keep' : 'setting'};
}
