import {describe, expect, test} from 'vitest';
import {expectWhole} from './database-state.ts';
import {expectUpgrade} from './expect-upgrade.ts';
import {rewriteProject} from './rewrite-project.ts';

const project = rewriteProject({rows: 500});
const bad = '20260103_000000_bad.ts';
const rolledBack = 'everything was rolled back: app.db has no migrations applied';
const unwritten = 'nothing was written: app.db has no migrations applied';

interface Fault {
	/** The text of the last of three migrations. */
	readonly text: string;
	readonly message: string | RegExp;
	readonly state: string | RegExp;
	readonly file?: string;
	readonly line?: number;
	/** True if it ends the process, or leaves it nothing to do, so the built command has to run it. */
	readonly endsProcess?: true;
}

const up = (body: string) => `export function upgrade(op) {\n\t${body}\n}\n`;

const faults: Readonly<Record<string, Fault>> = {
	'a statement in the middle fails': {
		text: up("op.execute('DELETE FROM note');\n\top.execute('INSERT INTO owner (id) VALUES (1)');\n\top.execute('DROP TABLE log');"),
		message: 'UNIQUE constraint failed: owner.id',
		state: rolledBack,
		line: 3,
	},
	'the SQL is wrong': {text: up("op.execute('SELEC 1');"), message: 'near "SELEC": syntax error', state: rolledBack, line: 2},
	'it calls process.exit when it is loaded': {
		text: `process.exit(0);\n${up('')}`,
		message: /a migration ended the process/,
		state: 'nothing was written: app.db is unchanged',
		endsProcess: true,
	},
	'it calls process.exit in upgrade': {
		text: up('process.exit(0);'),
		message: /a migration ended the process/,
		state: 'nothing was written: app.db is unchanged',
		endsProcess: true,
	},
	'it calls process.exit in op.run': {
		text: up("op.execute('DELETE FROM note'); op.run(() => process.exit(0));"),
		message: /a migration ended the process/,
		state: /^uncommitted changes are rolled back when app\.db is next opened/,
		endsProcess: true,
	},
	'it kills its own process': {text: up("op.run(() => process.kill(process.pid, 'SIGKILL'));"), message: '', state: '', endsProcess: true},
	'it throws a string when it is loaded': {text: `throw 'no way';\n${up('')}`, message: /cannot be loaded: no way$/, state: unwritten},
	'it throws a string in upgrade': {text: up("throw 'no way';"), message: /threw an error: no way$/, state: unwritten},
	'it throws a string in op.run': {
		text: up("op.execute('DELETE FROM note');\n\top.run(() => { throw 'no way'; });"),
		message: 'no way',
		state: rolledBack,
		line: 3,
	},
	'it throws null': {text: up('op.run(() => { throw null; });'), message: 'a null was thrown: null', state: rolledBack, line: 2},
	'it throws something that cannot be converted to text': {
		text: up('op.run(() => { throw Object.create(null); });'),
		message: 'an object was thrown that cannot be shown as text',
		state: rolledBack,
		line: 2,
	},
	'it throws escape sequences': {
		text: up("op.run(() => { throw new Error('\\x1b[2Jgone'); });"),
		message: '\\x1b[2Jgone',
		state: rolledBack,
		line: 2,
	},
	'it rejects later': {text: up("op.run(async () => { await null; throw new Error('later'); });"), message: 'later', state: rolledBack, line: 2},
	'it throws outside every call that could catch it': {
		text: up(
			"op.run(async () => { setTimeout(() => { throw new Error('nobody\\x1b[2J'); }, 0); await new Promise((resolve) => setTimeout(resolve, 60_000)); });",
		),
		message: /^uncaught error in a migration: nobody\\x1b/,
		state: /^uncommitted changes are rolled back/,
		endsProcess: true,
	},
	'op.run never settles': {
		text: up('op.run(() => new Promise(() => {}));'),
		message: /awaits a promise that can never settle/,
		state: rolledBack,
		line: 2,
		endsProcess: true,
	},
	'upgrade never settles': {
		text: 'export const upgrade = () => new Promise(() => {});',
		message: /waiting for a promise that never settles/,
		state: 'nothing was written: app.db is unchanged',
		endsProcess: true,
	},
	'its module never settles': {
		text: `await new Promise(() => {});\n${up('')}`,
		message: /waiting for a promise that never settles/,
		state: 'nothing was written: app.db is unchanged',
		endsProcess: true,
	},
	'it begins its own transaction': {text: up("op.execute('BEGIN');"), message: /^BEGIN is not allowed in a migration/, state: rolledBack, line: 2},
	'it commits': {
		text: up("op.execute('DELETE FROM note'); op.execute('COMMIT');"),
		message: /^COMMIT is not allowed in a migration/,
		state: rolledBack,
		line: 2,
	},
	'it commits in op.run': {
		text: up("op.run(({db}) => { db.exec('DELETE FROM note; -- x\\n /* y */ cOmMiT'); });"),
		message: /^COMMIT is not allowed in a migration/,
		state: rolledBack,
		line: 2,
	},
	'it ends the transaction with a conflict clause': {
		text: up("op.execute('DELETE FROM note'); op.run(({db}) => { try { db.exec('INSERT OR ROLLBACK INTO owner (id) VALUES (1)'); } catch {} });"),
		message: /^a statement ended the transaction/,
		state: rolledBack,
		line: 2,
	},
	'it changes the schema in op.run': {
		text: up("op.run(({db}) => { db.exec('DROP TABLE note'); });"),
		message: 'the code dropped table note, but op.run is only for data changes',
		state: rolledBack,
		line: 2,
	},
	'it is not a valid module': {text: 'export function upgrade(op) {\n\top.(\n}\n', message: /^syntax error: /, state: unwritten, line: 2},
	'it exports nothing': {text: 'export const x = 1;\n', message: /does not export a function upgrade$/, state: unwritten},
	'it imports a module that does not exist': {text: `import 'not-there';\n${up('')}`, message: /cannot be loaded/, state: unwritten},
};

describe('a failing migration leaves the database intact and unchanged, and a rerun without it succeeds', () => {
	test.each(Object.entries(faults))('%s', async (_name, {text, message, state, line, endsProcess = false}) => {
		const copy = project.copy();
		copy.write(`migrations/${bad}`, text);
		const {code, stdout, stderr} = await (endsProcess ? copy.builtLite : copy.lite)('upgrade', '--yes', '--json');
		expectWhole(copy.file, {old: project.contents.old});
		if (message !== '') {
			expect({code, stderr}).toMatchObject({code: 1});
			const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
			expect(last).toMatchObject({type: 'failed', message: matching(message), state: matching(state), committed: []});
			if (line !== undefined) expect(last.location).toMatchObject({file: `${copy.path}/migrations/${bad}`, line});
			expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]|cli\.js/);
		}
		copy.remove(`migrations/${bad}`);
		await expectUpgrade(copy, project);
	});
});

function matching(expected: string | RegExp): unknown {
	return typeof expected === 'string' ? expected : expect.stringMatching(expected);
}
