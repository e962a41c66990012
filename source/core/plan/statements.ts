import {tokenize} from '../ddl/lexer.ts';
import {literal, quoted} from '../schema/identifiers.ts';
import type {ExecuteStep, RewriteStep, Step} from './step.ts';

/**
 * The SQL of a step, spelled out one statement at a time, to be run inside a transaction with foreign keys off.
 * Code (`run`) cannot be spelled out: it gives a comment.
 */
export function statementsOf(step: Step): readonly string[] {
	switch (step.kind) {
		case 'statements':
			return step.statements;
		case 'editSchema':
			return [
				'PRAGMA writable_schema=ON',
				`UPDATE sqlite_schema SET sql = ${literal(step.sql)} WHERE type = 'table' AND name = ${literal(step.table)}`,
				'PRAGMA writable_schema=RESET',
			];
		case 'rewrite':
			return rewriteStatements(step);
		case 'execute':
			return [executeStatement(step)];
		case 'run':
			return ['-- op.run(…): code, which only lite-migr can run'];
	}
}

/** The copy as one statement. */
export function copyStatement({copy, table, temporary}: RewriteStep, where = ''): string {
	// OR ABORT, so that no ON CONFLICT IGNORE or REPLACE of the new table can drop a row unsaid.
	return `INSERT OR ABORT INTO ${quoted(temporary)} (${copy.columns.join(', ')}) SELECT ${copy.expressions.join(', ')} FROM ${quoted(table)}${where}`;
}

/** The statements that carry the AUTOINCREMENT mark of the old table over to the new one. */
export function sequenceStatements({table, temporary}: RewriteStep): readonly string[] {
	return [
		`DELETE FROM sqlite_sequence WHERE name = ${literal(temporary)}`,
		`INSERT INTO sqlite_sequence (name, seq) SELECT ${literal(temporary)}, seq FROM sqlite_sequence WHERE name = ${literal(table)}`,
	];
}

function rewriteStatements(step: RewriteStep): readonly string[] {
	return [
		step.create,
		copyStatement(step),
		...(step.carrySequence ? sequenceStatements(step) : []),
		`DROP TABLE ${quoted(step.table)}`,
		'PRAGMA legacy_alter_table=ON',
		`ALTER TABLE ${quoted(step.temporary)} RENAME TO ${quoted(step.object)}`,
		'PRAGMA legacy_alter_table=OFF',
		...step.indexes,
		...step.triggers,
	];
}

function executeStatement({operation}: ExecuteStep): string {
	// Parameters are bound when it runs; spelled out they can only be literals.
	if (operation.parameters.length === 0) return operation.sql;
	let next = 0;
	return tokenize(operation.sql)
		.map((token) => (token.kind === 'parameter' ? spelled(operation.parameters[next++] ?? null) : token.text))
		.join('');
}

function spelled(value: string | number | bigint | Uint8Array | null): string {
	if (value === null) return 'NULL';
	if (typeof value === 'string') return literal(value);
	if (typeof value === 'object') return `x'${Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('')}'`;
	return String(value);
}
