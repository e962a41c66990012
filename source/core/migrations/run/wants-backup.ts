import type {Step} from '../../plan/step.ts';
import type {Database} from '../../sqlite/database.ts';
import {statementFacts} from '../../sqlite/statement.ts';
import type {Finding} from '../finding.ts';
import type {ApplyOptions} from './apply-options.ts';

/** Whether a run begins with a backup: always, never, or before anything that loses, rewrites or may change rows. */
export function wantsBackup(
	mode: ApplyOptions['backup'],
	db: Database,
	migrations: readonly {readonly steps: readonly Step[]; readonly transaction: boolean}[],
	findings: readonly Finding[],
): boolean {
	if (mode === 'never' || Number(db.value('SELECT count(*) FROM sqlite_schema')) === 0) return false;
	if (mode === 'always' || findings.some(({destructive}) => destructive)) return true;
	return migrations.some(({steps, transaction}) => !transaction || steps.some(isRisky));
}

function isRisky(step: Step): boolean {
	if (step.kind === 'execute')
		return ['UPDATE', 'DELETE', 'REPLACE', 'DROP'].includes(statementFacts(step.operation.sql).verb) || removesRows(step.operation.sql);
	return step.kind === 'run' || step.strategy === 'rewrite' || step.strategy === 'drop';
}

function removesRows(sql: string): boolean {
	return statementFacts(sql).removesFrom !== undefined;
}
