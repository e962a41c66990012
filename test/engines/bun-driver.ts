/** Applies a bundle with bun:sqlite: `bun bun-driver.ts FILE JOB [N]`. Prints the result, or the error. Kills itself before statement N. */
import {readFileSync} from 'node:fs';
import {type BunSqliteDatabase, bunSqlite, MigrError, migrate} from '../../source/runtime.ts';

interface BunDatabase extends BunSqliteDatabase {
	close(): void;
}

const [, , file = '', job = '', killed = ''] = process.argv;
const sqlite = 'bun:sqlite';
const {Database} = (await import(sqlite)) as {readonly Database: new (file: string) => BunDatabase};
const db = new Database(file);
db.run('PRAGMA foreign_keys = ON');
const {bundle, options} = JSON.parse(readFileSync(job, 'utf8'));
let statements = 0;
const counted: BunSqliteDatabase = {
	prepare: (sql) => db.prepare(sql),
	run(sql) {
		statements += 1;
		if (String(statements) === killed) process.kill(process.pid, 'SIGKILL');
		return db.run(sql);
	},
};
try {
	process.stdout.write(JSON.stringify(await migrate(bunSqlite(counted), bundle, options)));
} catch (error) {
	if (!(error instanceof MigrError)) throw error;
	const {code, message, details, hint} = error;
	process.stdout.write(JSON.stringify({error: {code, message, details, hint}}));
} finally {
	db.close();
}
