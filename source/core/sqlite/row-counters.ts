import type {Database} from './database.ts';

/**
 * Does some work that writes rows, and restores `changes()` and `last_insert_rowid()` after it, because a later statement of a migration may use them.
 * `total_changes()` cannot be restored.
 */
export function keepingRowCounters(db: Database, work: () => void): void {
	const [[changes, rowid] = []] = db.tuples('SELECT changes(), last_insert_rowid()');
	work();
	db.exec('CREATE TEMP TABLE lite_migr_changes (n INTEGER); CREATE TEMP TABLE lite_migr_rowid (id INTEGER PRIMARY KEY)');
	db.run(
		'INSERT INTO temp.lite_migr_changes WITH RECURSIVE a(n) AS (SELECT ? UNION ALL SELECT n - 1 FROM a WHERE n > 0) SELECT n FROM a WHERE n > 0',
		changes as number,
	);
	db.run('INSERT INTO temp.lite_migr_rowid (id) VALUES (?)', rowid as number);
	db.exec('UPDATE temp.lite_migr_changes SET n = n; DROP TABLE temp.lite_migr_rowid; DROP TABLE temp.lite_migr_changes');
}
