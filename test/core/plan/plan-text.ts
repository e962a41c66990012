import type {Hazard} from '../../../source/core/operations/hazard.ts';
import type {Operation} from '../../../source/core/operations/operation.ts';
import type {Plan} from '../../../source/core/plan/plan.ts';
import {statementsOf} from '../../../source/core/plan/statements.ts';
import type {Step} from '../../../source/core/plan/step.ts';
import {quoted} from '../../../source/core/schema/identifiers.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';

/** Prints a plan for review: the operations, then each step with its strategy, reason and SQL, the hazards, and the resulting rows. */
export function planText(operations: readonly Operation[], {steps, hazards}: Plan, db: Database): string {
	const sections = [
		section('operations', operations.map(operationText)),
		section('steps', steps.map(stepText)),
		section('hazards', hazards.map(hazardText)),
		section('rows', rowsText(db)),
	];
	return sections.filter((text) => text !== '').join('\n');
}

function section(title: string, lines: readonly string[]): string {
	return lines.length === 0 ? '' : `${title}\n${lines.map((line) => `${indented(line)}\n`).join('')}`;
}

function indented(text: string): string {
	return text.replace(/^(?=.)/gm, '  ');
}

function operationText(operation: Operation): string {
	const {kind, ...rest} = operation;
	const facts = Object.entries(rest).filter(([, value]) => value !== undefined && JSON.stringify(value) !== '{}');
	return [kind, ...facts.map(([, value]) => (typeof value === 'string' ? value : JSON.stringify(value)))].join('  ');
}

function stepText(step: Step): string {
	const scans = step.kind === 'editSchema' ? step.scans.map(({rule, sql}) => `-- ${rule} must hold: no row of\n${sql}`) : [];
	const head = `${step.strategy}  ${step.object}: ${step.summary}\n  because ${step.reason}`;
	return `${head}\n${[...scans, ...statementsOf(step)].map((sql) => indented(indented(`${sql};`))).join('\n')}`;
}

function hazardText(hazard: Hazard): string {
	switch (hazard.kind) {
		case 'dropTable':
			return `drops the rows of ${hazard.table}`;
		case 'dropColumn':
			return `drops the values of ${hazard.table}.${hazard.column}`;
		default: {
			const distinct = hazard.distinct.length === 0 ? '' : `rows that agree in ${hazard.distinct.join(', ')} `;
			const where = hazard.where === '' ? '' : `where ${hazard.where}`;
			return `${hazard.kind} under ${hazard.rule} ${hazard.blocking ? 'fails' : 'changes'}: ${hazard.table} ${distinct}${where}`.trim();
		}
	}
}

function rowsText(db: Database): readonly string[] {
	return introspect(db).tables.flatMap(({name}) => {
		const columns = db.all('SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1', name).map((column) => quoted(String(column.name)));
		const rows = db.tuples(`SELECT ${columns.map((column) => `quote(${column})`).join(', ')} FROM ${quoted(name)}`);
		return rows.length === 0 ? [] : [`${name}: ${rows.map((row) => `(${row.join(', ')})`).join(' ')}`];
	});
}
