const inTransaction = 'a migration runs in a transaction already';
const ownDatabase = 'a migration changes its own database only';

const reasons: Readonly<Record<string, string>> = {
	BEGIN: inTransaction,
	COMMIT: inTransaction,
	END: inTransaction,
	ROLLBACK: inTransaction,
	SAVEPOINT: inTransaction,
	RELEASE: inTransaction,
	ATTACH: ownDatabase,
	DETACH: ownDatabase,
	VACUUM: 'VACUUM cannot run inside the transaction of a migration',
};

/**
 * The verb of a statement that cannot stand in a migration, and why: it begins or ends the transaction, or is about another file. Undefined for every
 * other statement.
 *
 * @param sql begins with its verb, as the statement splitter gives it
 */
export function refusedVerb(sql: string): {readonly verb: string; readonly reason: string} | undefined {
	const verb = /^\w+/.exec(sql)?.[0].toUpperCase() ?? '';
	const reason = Object.hasOwn(reasons, verb) ? reasons[verb] : undefined;
	return reason === undefined ? undefined : {verb, reason};
}
