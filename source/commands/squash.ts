import {existsSync} from 'node:fs';
import {MigrError} from '../core/errors.ts';
import {requireOwnHistory} from '../core/migrations/project.ts';
import {draftSquash, writeSquash} from '../core/migrations/squash.ts';
import {clean} from '../core/text/clean.ts';
import {plural} from '../core/text/numbers.ts';
import type {SquashJson} from './json.ts';
import {defineCommand} from './line/command.ts';
import {exitCode} from './line/exit-code.ts';
import {lockWait} from './lock-wait.ts';
import {configOf, requireFile} from './project.ts';
import {shownPath} from './text/error-text.ts';

export const squash = defineCommand({
	name: 'squash',
	summary: 'combine applied migrations into one, verified by replay',
	argument: {name: 'name', required: true, help: 'name of the new migration'},
	flags: {
		to: {type: 'string', value: 'NAME', help: 'the last migration to combine (default: the newest applied one)'},
		withoutData: {type: 'boolean', help: 'omit data changes: new databases then start without the rows these changes add'},
	},
	description: [
		'Replays the applied migrations on an empty database, writes one migration that creates the same schema, replays that one too, and compares the results. The files it replaces are moved to _squashed. You can delete that folder once every database has applied all of them.',
		'Data changes (op.execute) are kept in order. Code (op.run) cannot be combined: use --to to stop before it, or --without-data to omit data changes.',
		'A database that has applied all of the combined migrations has the new one marked as applied. For a database that has applied only some of them, upgrade lists the files to restore.',
	],
	examples: [
		['lite-migr squash start', ''],
		['lite-migr squash start --to 20260105_090000_names', ''],
	],
	async run(context) {
		const {argument: name = '', flags, cwd, output} = context;
		const config = configOf(context);
		requireOwnHistory(config, 'squash', 'keep the files: wrangler runs each of them once');
		requireFile(config, 'squash', 'squash the migrations with a local database that has them applied, with --db FILE');
		if (!existsSync(config.dbPath)) {
			throw new MigrError('database', `no database at ${clean(config.dbPath)}`, {
				hint: 'check db_path in migrate.toml (or --db): squash combines the migrations that a database has applied',
			});
		}
		const request = {
			dbPath: config.dbPath,
			migrationsDir: config.migrationsDir,
			name,
			wait: config.wait,
			...lockWait(context),
			withoutData: flags.withoutData,
			to: flags.to,
		};
		const done = await writeSquash(request, await draftSquash(request));
		output.json({migration: done.name, path: done.path, replaces: done.parts, archive: done.archive, omitted: done.omitted} satisfies SquashJson);
		output.line(`✔ wrote ${shownPath(done.path, cwd)}: replaces ${plural(done.parts.length, 'migration')}, same schema verified by replay`);
		output.line(`  ${clean(done.parts[0] ?? '')} … ${clean(done.parts.at(-1) ?? '')} moved to ${shownPath(done.archive, cwd)}`);
		for (const part of done.omitted) output.line(`! ${clean(part)}: its data changes are omitted`);
		return exitCode.done;
	},
});
