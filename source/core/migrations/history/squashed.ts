import {MigrError} from '../../errors.ts';
import type {Database} from '../../sqlite/database.ts';
import type {MigrationFile} from '../files/list.ts';
import type {AppliedMigration} from '../files/migration.ts';
import {historyTable} from './foreign-tools.ts';

/**
 * The migrations that a file stands for, as it says itself: `export const squashes = ['…']` in TypeScript, `-- squashes: …` in SQL.
 * Read from the text, so that the state of a project can be told without loading code.
 */
export function squashedBy(file: Pick<MigrationFile, 'text' | 'kind'>): readonly string[] {
	const list = file.kind === 'sql' ? /^-- squashes: (.+)$/m.exec(file.text)?.[1] : /^export const squashes = \[([^\]]*)\];?$/m.exec(file.text)?.[1];
	return list === undefined ? [] : [...list.matchAll(/[A-Za-z0-9_.-]+/g)].map(([name]) => name);
}

/** The history as it is to be understood, and the files that count. */
export interface Understood {
	readonly applied: readonly AppliedMigration[];
	readonly files: readonly MigrationFile[];
}

/**
 * Takes squashed migrations for what they stand for: where all of its parts were applied, the squashed one was, and the other way round; where none was,
 * it is one migration like any other; while the files of the parts are still there for a database that stands between them, it waits behind them.
 *
 * @throws MigrError `history` for a database in the middle of the range whose next files are gone
 */
export function withSquashes(files: readonly MigrationFile[], applied: readonly AppliedMigration[]): Understood {
	return files.reduce<Understood>((understood, file) => understoodWith(understood, file), {files, applied});
}

function understoodWith({files, applied}: Understood, squash: MigrationFile): Understood {
	const parts = squashedBy(squash);
	if (parts.length === 0) return {files, applied};
	// Its parts may still lie there, where a squash was killed before it had moved them.
	if (applied.some(({name}) => name === squash.name)) return {files: files.filter(({name}) => !parts.includes(name)), applied};
	const done = parts.filter((part) => applied.some(({name}) => name === part));
	const left = parts.filter((part) => !done.includes(part));
	const gone = parts.filter((part) => !files.some(({name}) => name === part));
	if (left.length === 0) return {files: files.filter(({name}) => !parts.includes(name)), applied: replaced(applied, parts, squash)};
	if (gone.length === 0) return {files: files.filter((file) => file !== squash), applied};
	if (done.length === 0) return {files: files.filter(({name}) => !parts.includes(name)), applied};
	throw new MigrError('history', `this database stands in the middle of ${squash.name}: ${done.length} of its ${parts.length} parts were applied`, {
		location: {file: squash.path},
		details: [`applied last: ${done.at(-1)}`, `not applied: ${left.join(', ')}`],
		hint: 'move the files of its parts from _squashed (or version control) back into the migrations folder, run lite-migr upgrade, and move them away again',
	});
}

function replaced(applied: readonly AppliedMigration[], parts: readonly string[], squash: MigrationFile): readonly AppliedMigration[] {
	const last = applied.filter(({name}) => parts.includes(name)).at(-1);
	return applied.flatMap((row) => {
		if (!parts.includes(row.name)) return [row];
		return row === last ? [{...row, name: squash.name, checksum: squash.checksum}] : [];
	});
}

/** Writes into the history what `withSquashes` understands: one row in place of those of the parts. In the open transaction; does nothing where there is nothing to do. */
export function absorbSquashes(db: Database, files: readonly MigrationFile[], applied: readonly AppliedMigration[]): void {
	for (const squash of files) {
		const parts = squashedBy(squash);
		const rows = applied.filter(({name}) => parts.includes(name));
		if (parts.length === 0 || rows.length !== parts.length || applied.some(({name}) => name === squash.name)) continue;
		const last = rows.at(-1)?.name ?? '';
		for (const {name} of rows) if (name !== last) db.run(`DELETE FROM ${historyTable} WHERE name = ?`, name);
		db.run(`UPDATE ${historyTable} SET name = ?, checksum = ? WHERE name = ?`, squash.name, squash.checksum, last);
	}
}
