import {MigrError} from '../../errors.ts';
import type {Database} from '../../sqlite/database.ts';
import type {MigrationFile} from '../files/list.ts';
import type {AppliedMigration} from '../files/migration.ts';
import {historyTable} from './foreign-tools.ts';
import {ensureHistory, isAdopted, recordNames, removeApplied} from './history.ts';
import {joinedDowngrades} from './stored-downgrade.ts';

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
	const rows = applied.filter(({name}) => parts.includes(name));
	const last = rows.at(-1);
	return applied.flatMap((row) => (row === last ? [squashedRow(rows, row, squash)] : rows.includes(row) ? [] : [row]));
}

/**
 * The row of a squash instead of those that it replaces. Its stored downgrade is that of all of them, last first. If one of them was only marked as
 * applied, so is the squash: undoing it must not drop what the migrations did not make.
 */
function squashedRow(rows: readonly AppliedMigration[], last: AppliedMigration, {name, checksum}: MigrationFile): AppliedMigration {
	const adopted = rows.some(isAdopted);
	return {...last, name, checksum, adopted, downgrade: adopted ? '[]' : joinedDowngrades(rows)};
}

/** Writes into the history what `withSquashes` understands, in the open transaction; does nothing if there is nothing to do. */
export function absorbSquashes(db: Database, files: readonly MigrationFile[], applied: readonly AppliedMigration[]): void {
	for (const squash of files) {
		const parts = squashedBy(squash);
		const rows = applied.filter(({name}) => parts.includes(name));
		const last = rows.at(-1);
		if (last === undefined || rows.length !== parts.length || applied.some(({name}) => name === squash.name)) continue;
		ensureHistory(db);
		for (const {name} of rows) if (name !== last.name) removeApplied(db, name);
		recordNames(db, [{from: last.name, to: squash.name}]);
		const {name, checksum, adopted, downgrade} = squashedRow(rows, last, squash);
		db.run(`UPDATE ${historyTable} SET checksum = ?, adopted = ?, downgrade = ? WHERE name = ?`, checksum, adopted ? 1 : 0, downgrade ?? null, name);
	}
}
