import {MigrError} from '../errors.ts';
import {clean} from '../text/clean.ts';
import {type Agreed, batchOf} from './batch.ts';
import type {Bundle, Loss, Needs, Script} from './bundle.ts';
import type {Connection} from './connection.ts';
import {consentNeeded, failureOf, isLocked, lossesIn, lossText, unreadable} from './failure.ts';
import {type History, readHistory} from './history.ts';
import {type Resolved, resolve, unchanged} from './resolve.ts';
import {readStoredScript} from './stored-script.ts';

/**
 * How to read this folder: `migrate.ts` reads the history (`history.ts`), compares it with the bundle (`resolve.ts`), and sends all remaining work as
 * one batch (`batch.ts`). `failure.ts` explains why a batch failed. `adapters/` has one file per driver. This folder runs on devices: it uses no file
 * system, no native code and no module of Node.
 */
export interface MigrateOptions {
	/**
	 * Consent to losing or changing data. Default: false. A function is called with all losses before anything is committed. If it returns `true`, exactly
	 * these losses are allowed. Any other value is not consent.
	 */
	readonly consent?: boolean | ((losses: readonly Loss[]) => boolean | Promise<boolean>);
	/** True to undo migrations of a newer version of the program, with the scripts stored in the database. Needs consent. */
	readonly downgrade?: boolean;
	/** True to run even if applied migrations were edited or are missing in the bundle. `consent` does not cover that. */
	readonly acceptEdited?: boolean;
	/** Seconds to wait for a lock of another connection. Default: 10. */
	readonly wait?: number;
}

export interface MigrateResult {
	/** The migrations that this call has applied, in order. */
	readonly applied: readonly string[];
	/** The migrations of a newer version that this call has undone, last first. */
	readonly undone: readonly string[];
	/** The newest migration of the database. Null if it has none. */
	readonly at: string | null;
}

/**
 * Brings a database up to date: applies all pending migrations of a bundle in one transaction, all or nothing. Does nothing if there are none. Safe to
 * call from several programs at the same time.
 *
 * @throws MigrError `databaseNewer` if a newer version of the program has migrated the database; `answerNeeded` if something would be lost without
 * consent; `database` if the connection has temporary objects; `hazard`, `guard` or `migration` if a migration fails. The database is unchanged.
 */
export async function migrate(connection: Connection, migrations: Bundle, options: MigrateOptions = {}): Promise<MigrateResult> {
	requireArguments(connection, migrations, options);
	const {consent = false, downgrade = false, acceptEdited = false, wait = 10} = options;
	const deadline = Date.now() + wait * 1000;
	const without: Agreed = consent === true ? 'all' : 'nothing';
	let agreed: Agreed = without;
	let agreedFor = '';
	for (let changes = 0; ; ) {
		const history = await retryWhileLocked(deadline, () => readHistory(connection, downgrade)).catch(async (error: unknown) => {
			// A temporary table can hide the history.
			await requireNothingTemporary(connection);
			throw unreadable(error);
		});
		// With a different history, the same numbers could mean different losses.
		if (history.state !== agreedFor) agreed = without;
		const resolved = resolve(migrations.migrations, history, {downgrade, acceptEdited});
		if (resolved.undo.length + resolved.pending.length === 0) return {applied: [], undone: [], at: resolved.at};
		await requireOwnNames(connection, resolved);
		const undo = undoScripts(resolved);
		if (resolved.undo.length > 0 && agreed === 'nothing') {
			if (typeof consent !== 'function') throw consentNeeded(undoLosses(resolved));
			agreed = 'ask';
		}
		const batch = batchOf({history, resolved, undo, agreed});
		for (const {name, script} of batch.needs) await requireNeeds(connection, name, script.needs ?? {});
		try {
			const foreignKeysOff = batch.needs.some(({script}) => script.needs?.foreignKeysOff === true);
			await connection.batch(batch.statements, {foreignKeysOff});
			return resultOf(resolved);
		} catch (error) {
			const losses = lossText(error);
			if (losses !== undefined) {
				const found = [...undoLosses(resolved), ...lossesIn(losses, batch)];
				if (typeof consent !== 'function' || (await consent(found)) !== true) throw consentNeeded(found);
				[agreed, agreedFor] = [{losses}, history.state];
				continue;
			}
			if (isLocked(error) && Date.now() < deadline) {
				await pause();
				continue;
			}
			// Another program may have applied the same migrations, or the answer was lost after they were committed.
			const state = await stateNow(connection, deadline);
			if (state === undefined || state === history.state || changes === mostChanges) throw failureOf(error, batch, connection);
			changes += 1;
		}
	}
}

/** The maximum number of times that another program may change the history in between. */
const mostChanges = 5;

function resultOf({pending, undo, at}: Resolved): MigrateResult {
	return {applied: pending.map(({name}) => name), undone: undo.map(({name}) => name), at};
}

/** Programs in JavaScript have no types. An unknown option could be one that was meant to write nothing. */
function requireArguments(connection: Partial<Connection> | undefined, migrations: Partial<Bundle> | undefined, options: object): void {
	if (typeof connection?.query !== 'function' || typeof connection.batch !== 'function') {
		throw new MigrError('usage', 'the first argument of migrate is not a connection of an adapter', {
			hint: 'pass the database to the adapter of its driver: migrate(nodeSqlite(db), migrations)',
		});
	}
	const unknown = Object.keys(options).find((name) => !optionNames.includes(name));
	if (unknown !== undefined)
		throw new MigrError('usage', `migrate has no option ${clean(unknown)}`, {hint: `its options are ${optionNames.join(', ')}`});
	requireFormat(migrations ?? {});
}

const optionNames: readonly string[] = ['consent', 'downgrade', 'acceptEdited', 'wait'] satisfies (keyof MigrateOptions)[];

function requireFormat({format, migrations}: Partial<Bundle>): void {
	if (format === 1 && Array.isArray(migrations)) return;
	const message = 'the migrations are not a bundle that this version of lite-migr/runtime can read';
	if (format === undefined) {
		throw new MigrError('usage', message, {hint: 'pass what the module of lite-migr bundle exports as migrations'});
	}
	throw new MigrError('usage', message, {
		details: [`the bundle has format ${String(format)}, and this version reads format 1`],
		hint: 'run lite-migr bundle with the version of lite-migr that the program uses',
	});
}

function undoScripts({undo}: Resolved): readonly (Script | null)[] {
	return undo.map((row) => (row.adopted ? null : readStoredScript(row)));
}

/**
 * Refuses connections where a name may not refer to an object of the database: a temporary object hides a table of the same name. A stored script can
 * also use names that only an attached database has.
 */
async function requireOwnNames(connection: Connection, {undo}: Resolved): Promise<void> {
	await requireNothingTemporary(connection);
	const attached = undo.length === 0 ? [] : await namesOf(connection, "SELECT name FROM pragma_database_list WHERE name NOT IN ('main', 'temp')");
	if (attached.length > 0) throw unusable(`attached databases: ${attached.join(', ')}`, 'call migrate before they are attached');
}

async function requireNothingTemporary(connection: Connection): Promise<void> {
	const temporary = await namesOf(connection, "SELECT name FROM sqlite_temp_master WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'");
	if (temporary.length > 0) throw unusable(`temporary objects: ${temporary.join(', ')}`, 'call migrate before they are created');
}

function unusable(what: string, hint: string): MigrError {
	return new MigrError('database', `the connection has ${what}`, {details: [unchanged], hint});
}

/** Some engines have no temporary objects and no attached databases, and cannot list them. */
async function namesOf(connection: Connection, sql: string): Promise<readonly string[]> {
	try {
		return (await connection.query(sql)).map(({name}) => clean(String(name)));
	} catch {
		return [];
	}
}

function undoLosses({undo}: Resolved): readonly Loss[] {
	return undo.map(({name}) => ({
		migration: name,
		kind: 'undo',
		table: '',
		column: null,
		rows: 0,
		message: `${clean(name)}: would be undone with the downgrade stored in the database`,
	}));
}

/** @throws MigrError `plan` if the connection cannot run a script. Nothing has been sent then. */
async function requireNeeds(connection: Connection, migration: string, needs: Needs): Promise<void> {
	const {features, name} = connection;
	const modules = await missingModules(connection, needs.modules ?? []);
	const reasons = [
		...(needs.foreignKeysOff === true && !features.foreignKeysOff
			? ['it has a foreign key that SQLite cannot enforce, and foreign keys cannot be switched off there']
			: []),
		...(needs.legacyAlterTable === true && !features.legacyAlterTable ? ['it needs PRAGMA legacy_alter_table'] : []),
		...((needs.statementBytes ?? 0) > features.statementBytes
			? [`it has a statement of ${needs.statementBytes} bytes, and at most ${features.statementBytes} are accepted there`]
			: []),
		...((needs.columns ?? 0) > features.columns
			? [`it has a table with ${needs.columns} columns, and at most ${features.columns} are accepted there`]
			: []),
		...modules.map((module) => `it needs the module ${clean(module)}, which this SQLite does not have`),
	];
	if (reasons.length === 0) return;
	throw new MigrError('plan', `${name} cannot run ${clean(migration)}`, {
		details: [...reasons, 'the database is unchanged'],
		hint: 'change the migration, and run lite-migr bundle again',
	});
}

async function missingModules(connection: Connection, modules: readonly string[]): Promise<readonly string[]> {
	if (modules.length === 0) return [];
	try {
		const rows = await connection.query('SELECT name FROM pragma_module_list');
		const present = new Set(rows.map(({name}) => String(name).toLowerCase()));
		return modules.filter((module) => !present.has(module));
	} catch {
		// Not every engine lists its modules. If a module is missing, the batch fails and changes nothing.
		return [];
	}
}

async function stateNow(connection: Connection, deadline: number): Promise<string | undefined> {
	try {
		return (await retryWhileLocked(deadline, () => readHistory(connection, false))).state;
	} catch {
		// The caller reports why the batch failed.
		return undefined;
	}
}

/** Reads again while another connection holds a lock. */
async function retryWhileLocked(deadline: number, read: () => Promise<History>): Promise<History> {
	for (;;) {
		try {
			return await read();
		} catch (error) {
			if (!isLocked(error) || Date.now() >= deadline) throw error;
			await pause();
		}
	}
}

async function pause(): Promise<void> {
	await new Promise((done) => setTimeout(done, 20 + Math.random() * 60));
}
