import {tokenize} from '../ddl/lexer.ts';
import type {Execute, SqlValue} from '../operations/operation.ts';
import {literal} from '../schema/identifiers.ts';
import {rewritePhases} from './rewrite-phases.ts';
import type {Step} from './step.ts';

/**
 * Returns the SQL of a step, one statement at a time, to run inside a transaction with foreign keys off.
 * Code (`run`) has no SQL, so it returns a comment.
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
			return rewritePhases(step).flatMap(({statements}) => statements);
		case 'execute':
			return [withParameters(step.operation)];
		case 'run':
			return ['-- op.run(…): code, which only lite-migr can run'];
	}
}

/** Returns the SQL of a plain statement with its parameters as literals. They are bound when it runs. */
export function withParameters({sql, parameters}: Pick<Execute, 'sql' | 'parameters'>): string {
	if (parameters.length === 0) return sql;
	let next = 0;
	let text = '';
	for (const token of tokenize(sql)) {
		const written = token.kind === 'parameter' ? spelled(parameters[next++] ?? null) : token.text;
		// Two minus signs would start a comment.
		text += token.kind === 'parameter' && written.startsWith('-') && text.endsWith('-') ? ` ${written}` : written;
	}
	return text;
}

function spelled(value: SqlValue): string {
	if (value === null) return 'NULL';
	if (typeof value === 'string') return literal(value);
	if (typeof value === 'object') return `x'${Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('')}'`;
	return typeof value === 'number' ? spelledNumber(value) : String(value);
}

/** Spells a number as it is bound: a safe integer is an INTEGER, every other number a REAL, and NaN is NULL. */
function spelledNumber(value: number): string {
	if (Number.isNaN(value)) return 'NULL';
	if (!Number.isFinite(value)) return value > 0 ? '9e999' : '-9e999';
	if (Object.is(value, -0)) return '-0.0';
	const text = String(value);
	return Number.isSafeInteger(value) || /[.e]/.test(text) ? text : `${text}.0`;
}
