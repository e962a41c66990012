import {existsSync} from 'node:fs';
import {MigrError} from '../core/errors.ts';
import {draftSquash, writeSquash} from '../core/migrations/squash.ts';
import {clean} from '../core/text/clean.ts';
import {plural} from '../core/text/numbers.ts';
import type {SquashJson} from './json.ts';
import {defineCommand} from './line/command.ts';
import {exitCode} from './line/exit-code.ts';
import {configOf} from './project.ts';
import {shownPath} from './text/error-text.ts';

export const squash = defineCommand({
	name: 'squash',
	summary: 'fold applied migrations into one, proven equal by replay',
	argument: {name: 'name', required: true, help: 'of the new migration'},
	flags: {
		to: {type: 'string', value: 'NAME', help: 'the last migration to fold (default: the newest applied one)'},
		withoutData: {type: 'boolean', help: 'leave changes of data out: a new database then begins without the rows that they made'},
	},
	description: [
		'Replays the applied migrations from nothing, writes one migration that makes the same schema, replays that as well, and compares. The files that it stands for move into _squashed, which can be deleted once no database stands between them.',
		'Changes of data (op.execute) stay in it, in their order. Code (op.run) cannot be folded: fold what stands before it, with --to, or leave changes of data out.',
		'A database that has all of the folded migrations counts the new one as applied. One that has some of them is told which files to bring back.',
	],
	examples: [
		['lite-migr squash start', ''],
		['lite-migr squash start --to 20260105_090000_names', ''],
	],
	async run(context) {
		const {argument: name = '', flags, cwd, output} = context;
		const config = configOf(context);
		if (!existsSync(config.dbPath)) {
			throw new MigrError('database', `there is no database at ${clean(config.dbPath)}`, {
				hint: 'squash folds what a database has applied; check db_path in migrate.toml, or give --db',
			});
		}
		const request = {
			dbPath: config.dbPath,
			migrationsDir: config.migrationsDir,
			name,
			wait: config.wait,
			withoutData: flags.withoutData,
			...(flags.to === undefined ? {} : {to: flags.to}),
		};
		const done = writeSquash(request, await draftSquash(request));
		output.json({migration: done.name, path: done.path, parts: done.parts, archive: done.archive, leftOut: done.leftOut} satisfies SquashJson);
		output.line(`✔ wrote ${shownPath(done.path, cwd)}: stands for ${plural(done.parts.length, 'migration')}, the same schema by replay`);
		output.line(`  ${clean(done.parts[0] ?? '')} … ${clean(done.parts.at(-1) ?? '')} moved to ${shownPath(done.archive, cwd)}`);
		for (const part of done.leftOut) output.line(`! ${clean(part)}: its changes of data are left out`);
		return exitCode.done;
	},
});
