import type {Step} from '../../plan/step.ts';
import type {Database} from '../../sqlite/database.ts';
import type {Finding} from '../finding.ts';
import type {ApplyOptions} from './apply-options.ts';

export interface RunRisk {
	readonly migrations: readonly {readonly steps: readonly Step[]; readonly transaction: boolean}[];
	readonly findings: readonly Pick<Finding, 'destructive'>[];
	/** True if statements or code may change or delete existing rows. */
	readonly changesRows: boolean;
}

/** True if a run must start with a backup. In mode `auto`, this is before anything that loses, rewrites or may change rows. */
export function needsBackup(mode: ApplyOptions['backup'], db: Database, {migrations, findings, changesRows}: RunRisk): boolean {
	if (mode === 'never' || Number(db.value('SELECT count(*) FROM sqlite_schema')) === 0) return false;
	if (mode === 'always' || changesRows || findings.some(({destructive}) => destructive)) return true;
	return migrations.some(({steps, transaction}) => !transaction || steps.some(({strategy}) => strategy === 'rewrite' || strategy === 'drop'));
}
