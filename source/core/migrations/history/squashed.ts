import {MigrError} from '../../errors.ts';
import {historyTable} from '../../runtime/history-table.ts';
import type {Database} from '../../sqlite/database.ts';
import type {MigrationFile} from '../files/list.ts';
import type {AppliedMigration} from '../files/migration.ts';
import {ensureHistory, isAdopted, recordNames, removeApplied} from './history.ts';
import {joinedDowngrades} from './stored-downgrade.ts';

/**
 * Returns the migrations that a file replaces, as it declares them: `export const squashes = ['…']` in TypeScript, `-- squashes: …` in SQL.
 * Reads only the text, so `lite-migr status` does not need to load code.
 */
export function squashedBy(file: Pick<MigrationFile, 'text' | 'kind'>): readonly string[] {
	const list = file.kind === 'sql' ? /^-- squashes: (.+)$/m.exec(file.text)?.[1] : /^export const squashes = \[([^\]]*)\];?$/m.exec(file.text)?.[1];
	return list === undefined ? [] : [...list.matchAll(/[A-Za-z0-9_.-]+/g)].map(([name]) => name);
}

/** The history with squashes resolved, and the files that count. */
export interface ResolvedHistory {
	readonly applied: readonly AppliedMigration[];
	readonly files: readonly MigrationFile[];
}

/**
 * Resolves squashed migrations:
 *
 * - If all migrations that a squash replaces are applied, the squash counts as applied.
 * - If the squash is applied, so are the migrations it replaces.
 * - If none of them is applied, the squash is a migration like any other.
 * - If some are applied and all their files still exist, the squash is ignored until the rest is applied.
 *
 * @throws MigrError `history` if only some are applied and files of the rest are missing
 */
export function withSquashes(files: readonly MigrationFile[], applied: readonly AppliedMigration[]): ResolvedHistory {
	return files.reduce<ResolvedHistory>((understood, file) => understoodWith(understood, file), {files, applied});
}

function understoodWith({files, applied}: ResolvedHistory, squash: MigrationFile): ResolvedHistory {
	const parts = squashedBy(squash);
	if (parts.length === 0) return {files, applied};
	// The files that it replaces may still be in the folder, if the squash was killed before it moved them.
	if (applied.some(({name}) => name === squash.name)) return {files: files.filter(({name}) => !parts.includes(name)), applied};
	const done = parts.filter((part) => applied.some(({name}) => name === part));
	const left = parts.filter((part) => !done.includes(part));
	const missing = parts.filter((part) => !files.some(({name}) => name === part));
	if (left.length === 0) return {files: files.filter(({name}) => !parts.includes(name)), applied: replaced(applied, parts, squash)};
	if (missing.length === 0) return {files: files.filter((file) => file !== squash), applied};
	if (done.length === 0) return {files: files.filter(({name}) => !parts.includes(name)), applied};
	throw new MigrError('history', `this database has applied only ${done.length} of the ${parts.length} migrations that ${squash.name} replaces`, {
		location: {file: squash.path},
		details: [`applied last: ${done.at(-1)}`, `not applied: ${left.join(', ')}`],
		hint: `move those ${parts.length} files from _squashed (or git) back to the migrations folder, run lite-migr upgrade, and remove them again`,
	});
}

function replaced(applied: readonly AppliedMigration[], parts: readonly string[], squash: MigrationFile): readonly AppliedMigration[] {
	const rows = applied.filter(({name}) => parts.includes(name));
	const last = rows.at(-1);
	return applied.flatMap((row) => (row === last ? [squashedRow(rows, row, squash)] : rows.includes(row) ? [] : [row]));
}

/**
 * Returns the history row of a squash, which replaces the rows of the squashed migrations. Its stored downgrade combines theirs, last first. If one of
 * them was only marked as applied, so is the squash: undoing it must not drop objects that the migrations did not create.
 */
function squashedRow(rows: readonly AppliedMigration[], last: AppliedMigration, {name, checksum}: MigrationFile): AppliedMigration {
	const adopted = rows.some(isAdopted);
	return {...last, name, checksum, adopted, downgrade: adopted ? '[]' : joinedDowngrades(rows)};
}

/** Replaces the rows of squashed migrations with the row of the squash, as `withSquashes` resolves them, in the open transaction. */
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
