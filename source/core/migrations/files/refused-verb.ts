const inTransaction = 'a migration already runs in a transaction';
const ownDatabase = 'a migration can only change its own database';

const reasons: Readonly<Record<string, string>> = {
	BEGIN: inTransaction,
	COMMIT: inTransaction,
	END: inTransaction,
	ROLLBACK: inTransaction,
	SAVEPOINT: inTransaction,
	RELEASE: inTransaction,
	ATTACH: ownDatabase,
	DETACH: ownDatabase,
	VACUUM: 'it cannot run inside the transaction of a migration',
};

/**
 * Returns the verb of a statement that a migration may not contain, and the reason: it begins or ends the transaction, or uses another file.
 * Undefined for every other statement.
 *
 * @param sql starts with its verb, as returned by the statement splitter
 */
export function refusedVerb(sql: string): {readonly verb: string; readonly reason: string} | undefined {
	const verb = /^\w+/.exec(sql)?.[0].toUpperCase() ?? '';
	const reason = Object.hasOwn(reasons, verb) ? reasons[verb] : undefined;
	return reason === undefined ? undefined : {verb, reason};
}
