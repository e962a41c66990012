import {isTemporary} from '../../ddl/create-head.ts';
import {statementFacts} from '../../ddl/statements/statement-facts.ts';
import {MigrError} from '../../errors.ts';
import type {Execute, Operation} from '../../operations/operation.ts';
import {clean} from '../../text/clean.ts';
import type {Migration} from '../files/migration.ts';

/** Pragmas of a table rebuild written by hand. They have no effect in the transaction of a local run, and would disturb a script. */
const withoutEffect = /^(?:foreign_keys|defer_foreign_keys|foreign_key_check)$/i;

/**
 * Returns the operations without pragmas that have no effect.
 *
 * @throws MigrError `plan` for an operation that a device cannot run, with its file and line
 */
export function deviceOperations(operations: readonly Operation[], {name, path}: Pick<Migration, 'name' | 'path'>): readonly Operation[] {
	return operations.filter((operation) => {
		if (operation.kind !== 'run' && operation.kind !== 'execute') return true;
		const problem = operation.kind === 'run' ? codeProblem : problemOf(operation);
		if (problem === 'omit') return false;
		if (problem === undefined) return true;
		throw new MigrError('plan', `${clean(name)} ${problem.message}`, {
			location: {file: path, ...operation.origin},
			...(operation.kind === 'execute' ? {details: [clean(operation.sql)]} : {}),
			hint: problem.hint,
		});
	});
}

/** @throws MigrError `plan` for a migration that cannot be part of one transaction */
export function requireTransaction({name, path, transaction}: Pick<Migration, 'name' | 'path' | 'transaction'>): void {
	if (transaction) return;
	throw new MigrError('plan', `${clean(name)} runs outside a transaction (transaction = false), so a device could keep half of it`, {
		location: {file: path},
		hint: 'remove transaction = false from the migration, and statements such as VACUUM that need it',
	});
}

interface Problem {
	readonly message: string;
	readonly hint: string;
}

const codeProblem: Problem = {
	message: 'contains code (op.run), which a bundle cannot contain',
	hint: 'write the change as SQL with op.execute, or change the rows in the program after migrate()',
};

function problemOf({sql}: Execute): Problem | 'omit' | undefined {
	const {kind, verb, name = ''} = statementFacts(sql);
	if (verb === '' || (kind === 'pragma' && withoutEffect.test(name))) return 'omit';
	if (kind === 'pragma') {
		return {
			message: `has PRAGMA ${clean(name)}, which not every driver accepts in a migration`,
			hint: 'set it in the program, when it opens the database',
		};
	}
	if (kind === 'transaction' || kind === 'file') {
		return {message: `has ${verb}, which cannot run inside the transaction of a migration`, hint: 'remove the statement, or run it in the program'};
	}
	if (verb === 'CREATE' && isTemporary(sql)) {
		return {
			message: 'creates a temporary object, which not every engine allows',
			hint: 'create it without TEMP, and drop it at the end of the migration',
		};
	}
	return undefined;
}
