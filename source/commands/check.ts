import {projectMigrations} from '../core/migrations/files/source.ts';
import {clean} from '../core/text/clean.ts';
import {checked, checkJson, printProblem} from './checked.ts';
import {fleetFlags, isFleet} from './fleet-flags.ts';
import type {CheckJson} from './json.ts';
import {defineCommand} from './line/command.ts';
import {exitCode} from './line/exit-code.ts';
import {configOf, shownDatabase, withDatabase} from './project.ts';
import {shownPath} from './text/error-text.ts';
export const check = defineCommand({
	name: 'check',
	summary: 'for CI: check that models, migrations and database agree',
	flags: fleetFlags,
	takesFleet: true,
	description: [
		'Checks that the models, the migrations and the database agree, and that the migrations can build a new database. Exits with code 0 if they do; otherwise with code 4, after listing the differences.',
		'It works without a database, and changes nothing.',
	],
	examples: [
		['lite-migr check', ''],
		["lite-migr check --db 'tenants/*.db'", 'several databases'],
	],
	async run(context) {
		const {flags, cwd, output} = context;
		if (isFleet(flags, cwd)) return await (await import('./fleet-check.ts')).fleetCheck(context);
		const config = configOf(context);
		return await withDatabase(context, config, async (db) => {
			const {problems, accepted, drift} = await checked(config, db, projectMigrations(config), cwd);
			output.json(checkJson({problems, accepted}) satisfies CheckJson);
			if (drift?.unknown !== undefined) output.line(`! drift cannot be checked: ${clean(drift.unknown)}`);
			for (const {message} of accepted) output.line(`! ${message}; accepted by new_databases = false in ${shownPath(config.file, cwd)}`);
			if (problems.length === 0) {
				output.line(`✔ models${db === undefined ? ' and migrations' : `, migrations and ${shownDatabase(config, cwd)}`} agree`);
				return exitCode.done;
			}
			for (const problem of problems) printProblem(problem, output);
			return exitCode.differs;
		});
	},
});
